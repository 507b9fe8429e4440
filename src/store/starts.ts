import type { FanOut, JobOptions } from '../jobs/job-options';
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
  readonly urls: readonly string[];
}

interface StartColumns {
  start_run_id: string | null;
  is_ended: boolean;
  options: JobOptions;
  fan_out: FanOut;
  on_done_url: string | null;
  urls: string[];
}

export async function findBatchStart(db: Queryable, id: string): Promise<BatchStartRow | undefined> {
  const [row] = await db.query<StartColumns & Record<string, unknown>>(
    `select b.start_run_id, b.options, b.fan_out, b.on_done_url,
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
