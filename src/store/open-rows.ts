import { PART_URLS, chunksOf, chunksPerRange } from '../jobs/chunk-range';
import type { FanOut } from '../jobs/job-options';
import { CHUNK_URLS } from '../jobs/job-id';
import { subjectOf } from '../jobs/workflow-ids';
import type { WorkflowSubject } from '../jobs/workflow-ids';
import { chunkCount } from './batches';
import type { Queryable } from './database';
import { findJobs } from './jobs';
import type { StoredJob } from './jobs';

/** Chunks of a batch in which not all places have ended. */
export interface OpenPlaces {
  readonly batchId: string;
  readonly chunks: readonly number[];
  /** First place in each chunk, from 0. */
  readonly fromPlace: number;
  readonly limit: number;
}

/** Work of a workflow that has not ended. */
export interface OpenWork {
  readonly workflowId: string;
  readonly job?: StoredJob;
  readonly places?: OpenPlaces;
  /** A batch as a whole. */
  readonly batchId?: string;
  /** How many times the failed URLs of its batch were given their time once more: a workflow of before has no work left. */
  readonly round?: number;
  /** True when it was asked to cancel the batch. Then that is how its URLs end, whatever becomes of the workflow. */
  readonly isCancelRequested?: boolean;
}

/** Finds which of these workflows have work that has not ended. */
export async function findOpenWork(db: Queryable, workflowIds: readonly string[]): Promise<OpenWork[]> {
  const named = await findByWorkflowId(db, workflowIds);
  const works = workflowIds.flatMap((workflowId): NamedWork[] => {
    const subject = named.get(workflowId) ?? subjectOf(workflowId);
    return subject === undefined ? [] : [{ workflowId, subject }];
  });
  return [...(await openJobs(db, works)), ...(await openParts(db, works))];
}

interface NamedWork {
  readonly workflowId: string;
  readonly subject: WorkflowSubject;
}

/** Finds the rows of workflows whose ids were chosen by programmatic clients. */
async function findByWorkflowId(
  db: Queryable,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, WorkflowSubject>> {
  const rows = await db.query<{ id: string; workflow_id: string; is_batch: boolean }>(
    `select id, workflow_id, false as is_batch from jobs where workflow_id = any($1) and status = 'running'
     union all select id, workflow_id, true from batches where workflow_id = any($1) and ended_at is null`,
    [workflowIds],
  );
  return new Map(
    rows.map(({ id, workflow_id: workflowId, is_batch: isBatch }) => [
      workflowId,
      isBatch ? { kind: 'batch', batchId: id } : { kind: 'job', jobId: id },
    ]),
  );
}

async function openJobs(db: Queryable, works: readonly NamedWork[]): Promise<OpenWork[]> {
  const ids = works.flatMap(({ workflowId, subject }) =>
    subject.kind === 'job' ? [{ workflowId, jobId: subject.jobId }] : [],
  );
  if (ids.length === 0) return [];
  const jobs = await findJobs(
    db,
    ids.map(({ jobId }) => jobId),
  );
  return ids.flatMap(({ workflowId, jobId }): OpenWork[] => {
    const job = jobs.get(jobId);
    if (job?.status !== 'running') return [];
    const { round, hold } = job;
    return [
      {
        workflowId,
        job,
        ...(round !== undefined && { round }),
        ...(hold === 'cancelled' && { isCancelRequested: true }),
      },
    ];
  });
}

async function openParts(db: Queryable, works: readonly NamedWork[]): Promise<OpenWork[]> {
  const batchIds = works.flatMap(({ subject }) => (subject.kind === 'job' ? [] : [subject.batchId]));
  if (batchIds.length === 0) return [];
  const rows = await db.query<OpenBatchRow & Record<string, unknown>>(
    `select b.id, b.total, b.fan_out, b.retry_rounds as round, b.cancel_requested_at is not null as is_cancel_requested,
       array(select c.number from batch_chunks c where c.batch_id = b.id and c.ended_at is null) as open
     from batches b where b.id = any($1) and b.ended_at is null`,
    [batchIds],
  );
  const batches = new Map(rows.map((row) => [row.id, row]));
  return works.flatMap(({ workflowId, subject }): OpenWork[] => {
    if (subject.kind === 'job') return [];
    const { batchId } = subject;
    const batch = batches.get(batchId);
    if (batch === undefined) return [];
    const whole = { fromPlace: 0, limit: CHUNK_URLS };
    const common = {
      ...{ workflowId, round: batch.round },
      ...(batch.is_cancel_requested && { isCancelRequested: true }),
    };
    if (subject.kind === 'batch') return [{ ...common, batchId, places: { batchId, chunks: batch.open, ...whole } }];
    const range = batch.fan_out === 'sweep' ? chunksPerRange(chunkCount(batch.total)) : 1;
    const chunks = chunksOf({ chunk: subject.chunk, chunks: range }).filter((chunk) => batch.open.includes(chunk));
    if (chunks.length === 0) return [];
    const part = subject.kind === 'part' ? { fromPlace: subject.fromPlace, limit: PART_URLS } : whole;
    return [{ ...common, places: { batchId, chunks, ...part } }];
  });
}

interface OpenBatchRow {
  readonly id: string;
  readonly total: number;
  readonly fan_out: FanOut;
  readonly round: number;
  readonly is_cancel_requested: boolean;
  readonly open: readonly number[];
}
