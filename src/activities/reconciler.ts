import type { FailReason } from '../contracts/fail-reasons';
import { batchWorkflowId, jobWorkflowId } from '../contracts/workflow-ids';
import { chunkCounts, findUnfinishedMembers } from '../store/chunks';
import type { Database } from '../store/database';
import { endBatch } from '../store/end-batch';
import { patiently } from '../store/patiently';
import { endJobs } from '../store/write-outcomes';
import { findJob } from '../store/jobs';
import {
  findCountedBatches,
  findOpenBatches,
  findOverdueChunks,
  findOverdueJobs,
  findQuietJobs,
  forgetStart,
} from '../store/overdue';
import type { WorkflowState } from '../temporal/workflow-client';
import type { Logger } from '../telemetry/logger';

export interface ReconcilerDeps {
  readonly database: Database;
  readonly stateOf: (workflowId: string) => Promise<WorkflowState>;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  readonly logger: Logger;
}

const EVERY_MS = 30_000;
/** Workflows end their own jobs within seconds of the deadline; after this it is certain that none is left to do so. */
const OVERDUE_MS = 11 * 60_000;
/** A job that should have been tried this long ago may have lost its workflow. */
const QUIET_MS = 3 * 60_000;
const LIMIT = 200;

type End = { readonly status: 'failed' | 'cancelled'; readonly failReason?: FailReason };

/** How a row ends whose workflow is closed although the row is not. Undefined: the workflow is open, or was never there. */
function endOf(state: WorkflowState): End | undefined {
  switch (state) {
    case 'TERMINATED':
      return { status: 'failed', failReason: 'terminated' };
    case 'CANCELLED':
      return { status: 'cancelled' };
    case 'TIMED_OUT':
      return { status: 'failed', failReason: 'failed_due_to_timeout' };
    case 'COMPLETED':
    case 'FAILED':
      return { status: 'failed', failReason: 'internal_error' };
    default:
      return undefined;
  }
}

/**
 * Closes what nothing else will: jobs that a long outage left behind their deadline, and rows whose workflow was ended from
 * the Temporal side. A workflow that Temporal does not know is started again by the dispatcher.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  run(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.reconcile()
        .catch((error: unknown) => this.#deps.logger.debug({ err: String(error) }, 'reconciling has to wait'))
        .finally(() => (this.#running = undefined));
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One round. */
  async reconcile(): Promise<void> {
    const { database } = this.#deps;
    const overdue = { graceMs: OVERDUE_MS, limit: LIMIT };
    const timedOut: End = { status: 'failed', failReason: 'failed_due_to_timeout' };
    for (const id of await findOverdueJobs(database, overdue)) await this.#endJob(id, timedOut);
    for (const { batchId, chunk } of await findOverdueChunks(database, overdue))
      await this.#endChunk(batchId, chunk, timedOut);
    for (const id of await findCountedBatches(database, LIMIT))
      this.#deps.onDeliveries((await endBatch(database, id))?.endpointIds ?? []);
    for (const { id, workflowId } of await findQuietJobs(database, { quietMs: QUIET_MS, limit: LIMIT })) {
      const state = await this.#deps.stateOf(workflowId ?? jobWorkflowId(id));
      const end = endOf(state);
      if (end !== undefined) await this.#endJob(id, end);
      else if (state === 'NOT_FOUND') await forgetStart(database, id);
    }
    for (const { id, chunks } of await findOpenBatches(database, { quietMs: QUIET_MS, limit: LIMIT })) {
      const state = await this.#deps.stateOf(batchWorkflowId(id));
      const end = endOf(state);
      if (end !== undefined) for (let chunk = 0; chunk < chunks; chunk++) await this.#endChunk(id, chunk, end);
      else if (state === 'NOT_FOUND') await forgetStart(database, id);
    }
  }

  async #endJob(id: string, end: End): Promise<void> {
    const job = await findJob(this.#deps.database, id);
    if (job?.status !== 'running') return;
    const ended = [{ job, attempts: job.attempts, ...end }];
    const { endpointIds } = await patiently(() => endJobs(this.#deps.database, ended));
    this.#deps.onDeliveries(endpointIds);
    this.#deps.logger.warn(
      { job_id: id, fail_reason: end.failReason },
      'a job was closed that no workflow would have ended',
    );
  }

  async #endChunk(batchId: string, chunk: number, end: End): Promise<void> {
    const counts = await chunkCounts(this.#deps.database, batchId, [chunk]);
    if (counts === undefined) return;
    const jobs = await findUnfinishedMembers(this.#deps.database, batchId, chunk, {
      fromPlace: 0,
      limit: counts.total,
    });
    const ends = jobs.map((job) => ({ job, attempts: job.attempts, ...end }));
    const { ids, endpointIds } = await patiently(() => endJobs(this.#deps.database, ends));
    this.#deps.onDeliveries(endpointIds);
    if (ids.size > 0)
      this.#deps.logger.warn(
        { batch_id: batchId, chunk, jobs: ids.size },
        'jobs were closed that no workflow would have ended',
      );
  }
}
