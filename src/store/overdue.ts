import { chunkCount } from './batches';
import type { Queryable } from './database';

/** Single jobs that should have ended `graceMs` ago: a long outage left them behind. */
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

/** Chunks that should have ended: some of their URLs may never have got a row. */
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

/** Single jobs whose next step should have been taken `quietMs` ago. */
export async function findQuietJobs(
  db: Queryable,
  options: { readonly quietMs: number; readonly limit: number },
): Promise<{ readonly id: string; readonly workflowId?: string }[]> {
  const rows = await db.query<{ id: string; workflow_id: string | null }>(
    `select id, workflow_id from jobs
     where status = 'running' and batch_id is null and start_acknowledged_at is not null
       and coalesce(next_attempt_at, start_acknowledged_at) < now() - $1::interval
     order by deadline_at limit $2`,
    [`${options.quietMs} milliseconds`, options.limit],
  );
  return rows.map((row) => ({ id: row.id, ...(row.workflow_id !== null && { workflowId: row.workflow_id }) }));
}

/** Started batches that have not ended, and their number of chunks. */
export async function findOpenBatches(
  db: Queryable,
  options: { readonly quietMs: number; readonly limit: number },
): Promise<{ readonly id: string; readonly chunks: number }[]> {
  const rows = await db.query<{ id: string; total: number }>(
    `select id, total from batches where ended_at is null and start_acknowledged_at < now() - $1::interval order by deadline_at limit $2`,
    [`${options.quietMs} milliseconds`, options.limit],
  );
  return rows.map((row) => ({ id: row.id, chunks: chunkCount(row.total) }));
}

/** The dispatcher starts this job or batch again. */
export async function forgetStart(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update jobs set start_acknowledged_at = null where id = $1 and status = 'running' and batch_id is null`,
    [id],
  );
  await db.query('update batches set start_acknowledged_at = null where id = $1 and ended_at is null', [id]);
}

/** Batches all of whose chunks have ended, when their workflow could not note it. */
export async function findCountedBatches(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from batches b
     where ended_at is null and not exists (select 1 from batch_chunks c where c.batch_id = b.id and c.ended_at is null) limit $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}
