import { batchMemberId } from '../jobs/job-id';
import type { JobStatus } from '../jobs/job-object';
import type { Queryable } from './database';

/** Place in the order in which the jobs of a batch ended. */
export interface EndedPlace {
  /** Time of the end, as PostgreSQL writes it: a Date would lose the microseconds. */
  readonly endedAt: string;
  readonly id: string;
}

export type EndedStatus = Exclude<JobStatus, 'running'>;

/**
 * Jobs that ended before this time are visible to every query that begins later. A transaction notes the time of its beginning
 * and becomes visible when it commits: without this bound, a reader could pass over a job that was committed late.
 */
export async function findEndedHorizon(db: Queryable): Promise<string> {
  const [row] = await db.query<{ horizon: string }>(
    `select least(clock_timestamp(), min(xact_start))::text as horizon from pg_stat_activity
     where xact_start is not null and application_name = 'everfetch' and datname = current_database() and pid <> pg_backend_pid()`,
  );
  return row?.horizon ?? '-infinity';
}

/**
 * Lists the jobs of a batch that have ended, in the order of their ends: at most 50,000, sorted once and not once a page.
 * @param range lies after the first and before the second place, both exclusive
 */
export async function listEndedJobs(
  db: Queryable,
  batchId: string,
  range: {
    readonly after?: EndedPlace | undefined;
    readonly horizon: string;
    readonly statuses: readonly EndedStatus[];
  },
): Promise<EndedPlace[]> {
  const first = { endedAt: '-infinity', id: batchMemberId(batchId, 0) };
  const { endedAt, id } = range.after ?? first;
  const rows = await db.query<{ id: string; at: string }>(
    `select id, ended_at::text as at from jobs
     where batch_id = $1 and status = any($2::text[]) and ended_at < $3::timestamptz
       and ended_at >= $4::timestamptz and (ended_at > $4::timestamptz or id > $5::uuid)
     order by ended_at, id`,
    [batchId, range.statuses, range.horizon, endedAt, id],
  );
  return rows.map((row) => ({ endedAt: row.at, id: row.id }));
}

/** Counts the jobs of a batch that had ended before the horizon, in whatever way. */
export async function countEndedJobs(db: Queryable, batchId: string, horizon: string): Promise<number> {
  const [row] = await db.query<{ ended: number }>(
    `select count(*) as ended from jobs where batch_id = $1 and status <> 'running' and ended_at < $2::timestamptz`,
    [batchId, horizon],
  );
  return row?.ended ?? 0;
}
