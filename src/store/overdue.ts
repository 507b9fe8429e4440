import type { Queryable } from './database';

/** Finds single jobs that should have ended `graceMs` ago: a long outage left them behind. */
export async function findOverdueJobs(
  db: Queryable,
  options: { readonly graceMs: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from jobs where status = 'running' and deadline_at < now() - $1::interval order by deadline_at limit $2`,
    [`${options.graceMs} milliseconds`, options.limit],
  );
  return rows.map((row) => row.id);
}

/** Finds chunks that should have ended: some of their URLs may never have got a row. */
export async function findOverdueChunks(
  db: Queryable,
  options: { readonly graceMs: number; readonly limit: number },
): Promise<{ readonly batchId: string; readonly chunk: number }[]> {
  const rows = await db.query<{ batch_id: string; number: number }>(
    `select c.batch_id, c.number from batches b join batch_chunks c on c.batch_id = b.id
     where b.ended_at is null and c.ended_at is null and b.deadline_at < now() - $1::interval order by b.deadline_at limit $2`,
    [`${options.graceMs} milliseconds`, options.limit],
  );
  return rows.map((row) => ({ batchId: row.batch_id, chunk: row.number }));
}

/** Range of one look: the rows behind the last one of the look before. */
export interface QuietPage {
  readonly quietMs: number;
  readonly limit: number;
  readonly after: QuietRow | undefined;
}

/** A row that waits for its workflow, in the order of deadlines. */
export interface QuietRow {
  readonly id: string;
  readonly workflowId?: string;
  /** Deadline as PostgreSQL writes it: a Date would lose the microseconds. */
  readonly deadlineAt: string;
  /** How many times the failed URLs of a batch were given their time once more; undefined for a job, and for never. */
  readonly round?: number;
}

interface QuietColumns {
  id: string;
  workflow_id: string | null;
  deadline_at: string;
  round?: number;
}

const quietRowOf = (row: QuietColumns): QuietRow => ({
  id: row.id,
  deadlineAt: row.deadline_at,
  ...(row.workflow_id !== null && { workflowId: row.workflow_id }),
  ...(row.round !== undefined && { round: row.round }),
});

const quietValues = ({ quietMs, limit, after }: QuietPage): unknown[] => [
  `${quietMs} milliseconds`,
  limit,
  after?.deadlineAt ?? '-infinity',
  after?.id ?? '00000000-0000-0000-0000-000000000000',
];

/** Finds single jobs whose next step should have been taken `quietMs` ago. */
export async function findQuietJobs(db: Queryable, page: QuietPage): Promise<QuietRow[]> {
  const rows = await db.query<QuietColumns & Record<string, unknown>>(
    `select id, workflow_id, deadline_at::text from jobs
     where status = 'running' and batch_id is null and start_acknowledged_at is not null
       and coalesce(next_attempt_at, start_acknowledged_at) < now() - $1::interval
       and deadline_at >= $3::timestamptz and (deadline_at, id) > ($3::timestamptz, $4::uuid)
     order by jobs.deadline_at, id limit $2`,
    quietValues(page),
  );
  return rows.map(quietRowOf);
}

/** Finds started batches that have not ended. */
export async function findOpenBatches(db: Queryable, page: QuietPage): Promise<QuietRow[]> {
  const rows = await db.query<QuietColumns & Record<string, unknown>>(
    `select id, workflow_id, deadline_at::text, retry_rounds as round from batches
     where ended_at is null and start_acknowledged_at < now() - $1::interval
       and deadline_at >= $3::timestamptz and (deadline_at, id) > ($3::timestamptz, $4::uuid)
     order by batches.deadline_at, id limit $2`,
    quietValues(page),
  );
  return rows.map(quietRowOf);
}

/** Lets the dispatcher start this job or batch again, under the id that follows from the row. */
export async function forgetStart(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update jobs set start_acknowledged_at = null, workflow_id = null where id = $1 and status = 'running' and batch_id is null`,
    [id],
  );
  await db.query(
    'update batches set start_acknowledged_at = null, workflow_id = null where id = $1 and ended_at is null',
    [id],
  );
}

/**
 * Finds batches whose chunks have all ended while their workflow could not note it. If some URLs were cancelled, only the
 * workflow knows whether the whole batch was, so it gets half a minute to say so.
 */
export async function findCountedBatches(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from batches b
     where ended_at is null and not exists (
       select 1 from batch_chunks c
       where c.batch_id = b.id and (c.ended_at is null or (c.cancelled > 0 and c.ended_at > now() - interval '30 seconds'))) limit $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}
