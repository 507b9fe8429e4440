import { idTimeMs, isUuid } from '../../jobs/job-id';
import type { Database } from '../../store/database';
import { isExpiredId } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import { ProblemError } from '../problem';

export interface ExistingJobDeps {
  readonly database: Database;
  readonly retentionMs: number;
}

const DAY_MS = 86_400_000;
const MAX_POLL_SEC = 30;

/**
 * The job of an id.
 * @throws ProblemError `not_found`, or `expired` when retention has removed it, which the age of the id tells
 */
export async function existingJob(
  deps: ExistingJobDeps,
  find: (id: string) => Promise<StoredJob | undefined>,
  id: string,
): Promise<StoredJob> {
  const job = isUuid(id) ? await find(id) : undefined;
  if (job !== undefined) return job;
  const madeAt = idTimeMs(id);
  const expiredAt = madeAt === undefined ? undefined : madeAt + DAY_MS + deps.retentionMs;
  if ((expiredAt !== undefined && expiredAt < Date.now()) || (isUuid(id) && (await isExpiredId(deps.database, id)))) {
    const at = new Date(Math.min(expiredAt ?? Date.now(), Date.now())).toISOString();
    throw new ProblemError(
      'expired',
      'The result has been removed: its retention is over, or it was deleted on request.',
      {
        members: { expiredAt: at },
      },
    );
  }
  throw new ProblemError('not_found', 'There is no such job.');
}

/** Value of `Retry-After` for a running job, 1 to {@link MAX_POLL_SEC} s. */
export const secondsUntil = (at: Date | undefined): number =>
  Math.min(Math.max(Math.ceil(((at?.getTime() ?? 0) - Date.now()) / 1_000), 1), MAX_POLL_SEC);

/** Compares `If-None-Match` weakly (RFC 9110 §13.1.2). Express' own check also obeys Cache-Control, which is meant for caches only. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
