import type { ApiParams } from '../jobs/api-params';
import type { FanOut, JobOptions } from '../jobs/job-options';
import { needsBrowser } from '../jobs/needs-browser';
import type { BatchStart, JobStart, Start } from '../jobs/workflow-start';
import { chunkCount } from './batches';
import type { NewBatch } from './batches';
import type { Queryable } from './database';

/** Parts of a stored batch that another start under its id is compared with. */
export interface BatchStartRow {
  /** First run id of the workflow start that it belongs to. Undefined: it came in by the HTTP API. */
  readonly startRunId: string | undefined;
  readonly isEnded: boolean;
  readonly options: JobOptions;
  readonly fanOut: FanOut;
  readonly onDoneUrl: string | undefined;
  readonly isDeduped: boolean;
  readonly urls: readonly string[];
}

interface StartColumns {
  start_run_id: string | null;
  is_ended: boolean;
  options: JobOptions;
  fan_out: FanOut;
  on_done_url: string | null;
  dedupe: boolean;
  urls: string[];
}

export async function findBatchStart(db: Queryable, id: string): Promise<BatchStartRow | undefined> {
  const [row] = await db.query<StartColumns & Record<string, unknown>>(
    `select b.start_run_id, b.options, b.fan_out, b.on_done_url, b.dedupe,
       not exists (select 1 from batch_chunks c where c.batch_id = b.id and c.ended_at is null) as is_ended,
       array(select url from batch_chunks c, unnest(c.urls) with ordinality as u(url, place)
             where c.batch_id = b.id order by c.number, u.place) as urls
     from batches b where b.id = $1`,
    [id],
  );
  return (
    row && {
      startRunId: row.start_run_id ?? undefined,
      isEnded: row.is_ended,
      options: row.options,
      fanOut: row.fan_out,
      onDoneUrl: row.on_done_url ?? undefined,
      isDeduped: row.dedupe,
      urls: row.urls,
    }
  );
}

/** Assigns the batch to this start, because the one before has lost its workflow. */
export async function takeOverBatch(db: Queryable, batch: NewBatch): Promise<void> {
  await db.query(
    `update batches set start_run_id = $2, workflow_id = $3, start_acknowledged_at = coalesce(start_acknowledged_at, now())
     where id = $1 and ended_at is null`,
    [batch.id, batch.startRunId ?? null, batch.workflowId ?? null],
  );
}

/** Assigns a job to this start, as {@link takeOverBatch} does for a batch. @returns whether the job is still running */
export async function takeOverJob(
  db: Queryable,
  job: { readonly id: string; readonly workflowId: string; readonly startRunId: string },
): Promise<boolean> {
  const rows = await db.query(
    `update jobs set start_run_id = $2, workflow_id = $3, start_acknowledged_at = coalesce(start_acknowledged_at, now())
     where id = $1 and status = 'running' returning id`,
    [job.id, job.startRunId, job.workflowId],
  );
  return rows.length > 0;
}

const BATCH_STARTS = `
  select id, api_key_id, (select k.name from api_keys k where k.id = api_key_id) as key_name, total, fan_out, deadline_at,
    options->'apiParams' as params, has_rendered_lines, retry_rounds from batches`;

const batchStartOf = (row: BatchRow): BatchStart => ({
  kind: 'batch',
  id: row.id,
  apiKeyId: row.api_key_id,
  keyName: row.key_name,
  total: row.total,
  chunks: chunkCount(row.total),
  fanOut: row.fan_out,
  deadlineAt: row.deadline_at,
  isRendered: row.has_rendered_lines || needsBrowser(row.params ?? {}),
  ...(row.retry_rounds > 0 && { round: row.retry_rounds }),
});

/** The start of the workflow of this batch; undefined when it is started, has ended or is gone. */
export async function findBatchToStart(db: Queryable, id: string): Promise<BatchStart | undefined> {
  const [row] = await db.query<BatchRow & Record<string, unknown>>(
    `${BATCH_STARTS} where id = $1 and start_acknowledged_at is null and ended_at is null`,
    [id],
  );
  return row && batchStartOf(row);
}

/**
 * Finds committed rows whose workflow start was not acknowledged, oldest first.
 * @param minAgeMs leaves out rows that the API is about to start itself (ms)
 */
export async function findNotStarted(
  db: Queryable,
  options: { readonly minAgeMs: number; readonly limit: number },
): Promise<Start[]> {
  const age = [`${options.minAgeMs} milliseconds`, options.limit];
  const batches = await db.query<BatchRow & Record<string, unknown>>(
    `${BATCH_STARTS} where start_acknowledged_at is null and ended_at is null and created_at <= now() - $1::interval order by created_at limit $2`,
    age,
  );
  const jobs = await db.query<JobRow & Record<string, unknown>>(
    `select id, api_key_id, (select k.name from api_keys k where k.id = api_key_id) as key_name, url, deadline_at, options->'apiParams' as params from jobs
     where start_acknowledged_at is null and status = 'running' and batch_id is null and created_at <= now() - $1::interval order by created_at limit $2`,
    age,
  );
  return [
    ...batches.map(batchStartOf),
    ...jobs.map((row): JobStart => ({
      kind: 'job',
      id: row.id,
      apiKeyId: row.api_key_id,
      keyName: row.key_name,
      url: row.url,
      deadlineAt: row.deadline_at,
      isRendered: needsBrowser(row.params ?? {}),
    })),
  ];
}

interface StartRow {
  readonly id: string;
  readonly api_key_id: string;
  readonly key_name: string;
  readonly deadline_at: Date;
  readonly params: ApiParams | null;
}

interface BatchRow extends StartRow {
  readonly total: number;
  readonly fan_out: FanOut;
  readonly has_rendered_lines: boolean;
  readonly retry_rounds: number;
}

interface JobRow extends StartRow {
  readonly url: string;
}

/** Notes that Temporal has the workflows of these rows. */
export async function acknowledgeStarts(db: Queryable, starts: readonly Start[]): Promise<void> {
  const jobs = starts.flatMap((start) => (start.kind === 'job' ? [start.id] : []));
  const batches = starts.flatMap((start) => (start.kind === 'batch' ? [start] : []));
  // A job that has ended meanwhile needs no note, which saves the write for every quick job.
  if (jobs.length > 0)
    await db.query(`update jobs set start_acknowledged_at = now() where id = any($1) and status = 'running'`, [jobs]);
  if (batches.length > 0)
    await db.query(
      `update batches b set start_acknowledged_at = now() from unnest($1::uuid[], $2::int[]) as s(id, round)
       where b.id = s.id and b.retry_rounds = s.round`,
      [batches.map(({ id }) => id), batches.map(({ round }) => round ?? 0)],
    );
}

/** Marks every unfinished job to be started again, after Temporal has lost everything (a new database file). */
export async function forgetStarts(db: Queryable): Promise<void> {
  await db.query(`update jobs set start_acknowledged_at = null where status = 'running' and batch_id is null`);
  await db.query('update batches set start_acknowledged_at = null where ended_at is null');
}
