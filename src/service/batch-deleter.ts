import { Poller } from '../async/poller';
import { batchWorkflowId } from '../jobs/workflow-ids';
import type { PageEraser } from '../pages/page-eraser';
import type { Database } from '../store/database';
import { findToDelete, forgetBatch } from '../store/forget';

export interface BatchDeleterDeps {
  readonly database: Database;
  readonly eraser: PageEraser;
  /** Cancels a workflow soon; never fails. */
  readonly cancelSoon: (workflowId: string) => void;
  readonly onError: (error: unknown) => void;
}

const ROUND_MS = 1_000;
const MAX_BATCHES = 100;
/** Rounds between two cancellations of the same batch. */
const CANCEL_EVERY = 5;

/** Deletes batches that were to be cancelled first, as soon as they have ended. Until then they are cancelled again and again. */
export class BatchDeleter {
  readonly #deps: BatchDeleterDeps;
  readonly #poller: Poller;
  #rounds = 0;

  constructor(deps: BatchDeleterDeps) {
    this.#deps = deps;
    this.#poller = new Poller({ run: () => this.#round(), everyMs: ROUND_MS, onError: deps.onError });
  }

  run(): void {
    this.#poller.start();
  }

  stop(): Promise<void> {
    return this.#poller.stop();
  }

  async #round(): Promise<void> {
    const { database, eraser, cancelSoon } = this.#deps;
    this.#rounds += 1;
    for (const { id, workflowId } of await findToDelete(database, MAX_BATCHES)) {
      const forgotten = await forgetBatch(database, id);
      if (forgotten.kind === 'forgotten') await eraser.erase(forgotten.segments);
      if (forgotten.kind === 'running' && this.#rounds % CANCEL_EVERY === 0)
        cancelSoon(workflowId ?? batchWorkflowId(id));
    }
  }
}
