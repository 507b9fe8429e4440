import { Poller } from '../async/poller';
import { CHUNK_URLS } from '../jobs/job-id';
import { batchWorkflowId, jobWorkflowId } from '../jobs/workflow-ids';
import type { Database } from '../store/database';
import { findJob } from '../store/jobs';
import { findOpenWork } from '../store/open-rows';
import {
  findCountedBatches,
  findOpenBatches,
  findOverdueChunks,
  findOverdueJobs,
  findQuietJobs,
  forgetStart,
} from '../store/overdue';
import type { QuietRow } from '../store/overdue';
import type { WorkflowClient } from '../temporal/workflow-client';
import type { Logger } from '../telemetry/logger';
import { endOfState, endOfWork } from './row-closer';
import type { RowCloser } from './row-closer';

export interface ReconcilerDeps {
  readonly database: Database;
  readonly stateOf: WorkflowClient['stateOf'];
  readonly closer: RowCloser;
  readonly logger: Logger;
}

const EVERY_MS = 30_000;
/**
 * Time after the deadline when surely no workflow is left to end the job (ms): workflows do so within seconds, and end after 10 minutes.
 */
const OVERDUE_MS = 11 * 60_000;
/** Time after which a job that is due and was not tried may have lost its workflow (ms). */
const QUIET_MS = 3 * 60_000;
const LIMIT = 200;

/**
 * Ends rows that nothing else will end: jobs whose deadline passed in a long outage, and rows whose workflow was ended from the Temporal
 * side but is not in the lists of `ClosedWorkflowSearch`, because Temporal's visibility store is away or has missed it. A workflow that
 * Temporal does not know is started again by the dispatcher.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #poller: Poller;
  /** Last rows that were checked. The next round continues behind them, and starts again at the end. */
  #lastJob: QuietRow | undefined;
  #lastBatch: QuietRow | undefined;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#poller = new Poller({
      run: () => this.reconcile(),
      everyMs: EVERY_MS,
      onError: (error) => deps.logger.debug({ err: String(error) }, 'reconciling has to wait'),
    });
  }

  run(): void {
    this.#poller.start();
  }

  stop(): Promise<void> {
    return this.#poller.stop();
  }

  /** Does one round. */
  async reconcile(): Promise<void> {
    const { database, closer } = this.#deps;
    const overdue = { graceMs: OVERDUE_MS, limit: LIMIT };
    const timedOut = { status: 'failed', failReason: 'failed_due_to_timeout' } as const;
    for (const id of await findOverdueJobs(database, overdue)) {
      const job = await findJob(database, id);
      if (job?.status === 'running') await closer.endJobs([job], timedOut);
    }
    for (const { batchId, chunk } of await findOverdueChunks(database, overdue))
      await closer.endPlaces({ batchId, chunks: [chunk], fromPlace: 0, limit: CHUNK_URLS }, timedOut);
    for (const id of await findCountedBatches(database, LIMIT)) await closer.endBatch(id);
    const quiet = { quietMs: QUIET_MS, limit: LIMIT };
    const jobs = await findQuietJobs(database, { ...quiet, after: this.#lastJob });
    this.#lastJob = jobs.length < LIMIT ? undefined : jobs.at(-1);
    for (const { id, workflowId } of jobs) await this.#ask(id, workflowId ?? jobWorkflowId(id));
    const batches = await findOpenBatches(database, { ...quiet, after: this.#lastBatch });
    this.#lastBatch = batches.length < LIMIT ? undefined : batches.at(-1);
    for (const { id, workflowId, round } of batches) await this.#ask(id, workflowId ?? batchWorkflowId(id), round);
  }

  async #ask(id: string, workflowId: string, round?: number): Promise<void> {
    const { database, stateOf, closer } = this.#deps;
    const state = await stateOf(workflowId, round);
    if (state === 'NOT_FOUND') return forgetStart(database, id);
    if (endOfState(state) === undefined) return;
    for (const work of await findOpenWork(database, [workflowId])) {
      const { job, places, batchId } = work;
      const end = endOfWork(work, state);
      // Its failed URLs were given their time once more just now, and its workflow is still to be started.
      if (end === undefined || work.round !== round) continue;
      if (job !== undefined) await closer.endJobs([job], end);
      if (places !== undefined) await closer.endPlaces(places, end);
      if (batchId !== undefined) await closer.endBatch(batchId, end.status === 'cancelled');
    }
  }
}
