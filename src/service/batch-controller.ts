import { Poller } from '../async/poller';
import { chunksOf } from '../jobs/chunk-range';
import { CHUNK_URLS } from '../jobs/job-id';
import { batchWorkflowId } from '../jobs/workflow-ids';
import { chunkCount, findBatch } from '../store/batches';
import { findUntold, noteTold } from '../store/control-batch';
import type { UntoldBatch } from '../store/control-batch';
import type { Database } from '../store/database';
import type { WorkflowClient } from '../temporal/workflow-client';
import type { Logger } from '../telemetry/logger';
import type { RowCloser } from './row-closer';

export interface BatchControllerDeps {
  readonly database: Database;
  readonly workflows: Pick<WorkflowClient, 'cancel' | 'signal'>;
  readonly closer: RowCloser;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 2_000;
const LIMIT = 200;
const AT_ONCE = 8;

/**
 * Tells the workflows of batches what was asked of them: pause and resume by signals, cancel by a cancellation. The rows are the
 * queue, so that nothing is lost when a process ends between the commit and the call.
 */
export class BatchController {
  readonly #deps: BatchControllerDeps;
  readonly #poller: Poller;

  constructor(deps: BatchControllerDeps) {
    this.#deps = deps;
    this.#poller = new Poller({
      run: () => this.tell(),
      everyMs: LOOK_EVERY_MS,
      onError: (error) => deps.logger.debug({ err: String(error) }, 'batches cannot be controlled now'),
      startsAtOnce: true,
    });
  }

  run(): void {
    this.#poller.start();
  }

  /** Looks now, because something was asked of a batch. */
  wake(): void {
    this.#poller.wake();
  }

  stop(): Promise<void> {
    return this.#poller.stop();
  }

  /** Does one round. One batch that cannot be told does not keep the others from it. */
  async tell(): Promise<void> {
    const untold = await findUntold(this.#deps.database, LIMIT);
    for (let from = 0; from < untold.length; from += AT_ONCE) {
      const told = await Promise.allSettled(untold.slice(from, from + AT_ONCE).map((batch) => this.#tellOne(batch)));
      for (const each of told) if (each.status === 'rejected') throw each.reason;
    }
  }

  async #tellOne(batch: UntoldBatch): Promise<void> {
    const { database, workflows } = this.#deps;
    const workflowId = batch.workflowId ?? batchWorkflowId(batch.id);
    if (batch.verb !== 'cancel') await workflows.signal(workflowId, batch.verb);
    else if (!(await workflows.cancel(workflowId))) await this.#close(batch.id);
    await noteTold(database, batch);
  }

  /** Ends the URLs of a batch that has no workflow. One that is being started just now finds nothing left to do. */
  async #close(batchId: string): Promise<void> {
    const { database, closer } = this.#deps;
    const batch = await findBatch(database, batchId);
    if (batch?.cancelRequestedAt === undefined) return;
    const chunks = chunksOf({ chunk: 0, chunks: chunkCount(batch.total) });
    await closer.endPlaces({ batchId, chunks, fromPlace: 0, limit: CHUNK_URLS }, { status: 'cancelled' });
    await closer.endBatch(batchId, true);
  }
}
