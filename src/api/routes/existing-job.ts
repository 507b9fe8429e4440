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

/** @throws ProblemError 404, or 410 for what retention has removed: an id tells its age */
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
    throw new ProblemError('expired', 'The result was removed when its retention was over.', {
      members: { expiredAt: at },
    });
  }
  throw new ProblemError('not_found', 'There is no such job.');
}

/** For `Retry-After` while a job runs. */
export const secondsUntil = (at: Date | undefined): number =>
  Math.min(Math.max(Math.ceil(((at?.getTime() ?? 0) - Date.now()) / 1_000), 1), MAX_POLL_SEC);

/** RFC 9110 §13.1.2, weak comparison. Not Express' own: it looks at Cache-Control, which tells caches and not the origin. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
