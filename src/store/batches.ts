import type { FanOut } from '../contracts/fan-out';
import { CHUNK_URLS } from '../contracts/job-id';
import type { JobOptions } from '../contracts/job-options';
import type { Queryable } from './database';

export interface NewBatch {
  readonly id: string;
  readonly apiKeyId: string;
  readonly urls: readonly string[];
  /** Credits, one per URL. */
  readonly prices: readonly number[];
  readonly options: JobOptions;
  readonly fanOut: FanOut;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  /** True when the workflow exists already, because a programmatic client started it. */
  readonly isStarted?: boolean;
}

/** Chunk rows per insert: 20 × 500 URLs bound the size of one statement. */
const CHUNKS_PER_INSERT = 20;

/** Writes the batch and its manifest, a row per 500 URLs; to be called in a transaction. A second insert of the same id changes nothing. */
export async function insertBatch(tx: Queryable, batch: NewBatch): Promise<boolean> {
  const added = await tx.query(
    `insert into batches (id, api_key_id, total, options, fan_out, created_at, deadline_at, start_acknowledged_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning id`,
    [
      batch.id,
      batch.apiKeyId,
      batch.urls.length,
      JSON.stringify(batch.options),
      batch.fanOut,
      batch.createdAt,
      batch.deadlineAt,
      batch.isStarted === true ? batch.createdAt : null,
    ],
  );
  if (added.length === 0) return false;
  const chunks = chunkCount(batch.urls.length);
  for (let first = 0; first < chunks; first += CHUNKS_PER_INSERT) {
    const values: unknown[] = [batch.id];
    const rows: string[] = [];
    for (let number = first; number < Math.min(first + CHUNKS_PER_INSERT, chunks); number++) {
      const [from, to] = [number * CHUNK_URLS, (number + 1) * CHUNK_URLS];
      values.push(number, batch.urls.slice(from, to), batch.prices.slice(from, to));
      rows.push(`($1, $${values.length - 2}, $${values.length - 1}::text[], $${values.length}::int[])`);
    }
    await tx.query(`insert into batch_chunks (batch_id, number, urls, prices) values ${rows.join(', ')}`, values);
  }
  return true;
}

export const chunkCount = (urls: number): number => Math.ceil(urls / CHUNK_URLS);

export interface StoredBatch {
  readonly id: string;
  readonly apiKeyId: string;
  readonly total: number;
  readonly fanOut: FanOut;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Fetched at least once and not ended. */
  readonly running: number;
  /** When the last of its URLs ended. */
  readonly endedAt?: Date;
}

interface BatchRow {
  id: string;
  api_key_id: string;
  total: number;
  fan_out: FanOut;
  created_at: Date;
  deadline_at: Date;
  finished: number;
  failed: number;
  cancelled: number;
  running: number;
  ended_at: Date | null;
}

/** One statement, so one snapshot: the counts of a reply always belong together. */
export async function findBatch(db: Queryable, id: string): Promise<StoredBatch | undefined> {
  const [row] = await db.query<BatchRow>(
    `select b.id, b.api_key_id, b.total, b.fan_out, b.created_at, b.deadline_at, c.finished, c.failed, c.cancelled,
       (select count(*) from jobs j where j.batch_id = b.id and j.status = 'running') as running,
       case when c.finished + c.failed + c.cancelled = b.total then c.ended_at end as ended_at
     from batches b, lateral (
       select sum(finished) as finished, sum(failed) as failed, sum(cancelled) as cancelled, max(ended_at) as ended_at
       from batch_chunks where batch_id = b.id) c
     where b.id = $1`,
    [id],
  );
  if (row === undefined) return undefined;
  return {
    id: row.id,
    apiKeyId: row.api_key_id,
    total: row.total,
    fanOut: row.fan_out,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    finished: row.finished,
    failed: row.failed,
    cancelled: row.cancelled,
    running: row.running,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

/** Notes on the batch row that all its chunks have ended. @returns its counts; undefined when it is gone. */
export async function endBatch(db: Queryable, id: string): Promise<StoredBatch | undefined> {
  const batch = await findBatch(db, id);
  if (batch?.endedAt !== undefined)
    await db.query('update batches set ended_at = $2 where id = $1 and ended_at is null', [id, batch.endedAt]);
  return batch;
}
