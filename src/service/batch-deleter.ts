import { Poller } from '../async/poller';
import type { PageEraser } from '../pages/page-eraser';
import type { Database } from '../store/database';
import { findToDelete, forgetBatch } from '../store/forget';

export interface BatchDeleterDeps {
  readonly database: Database;
  readonly eraser: PageEraser;
  readonly onError: (error: unknown) => void;
}

const ROUND_MS = 1_000;
const MAX_BATCHES = 100;

/** Deletes batches that were to be cancelled first, as soon as they have ended. The rows are the queue, so that a crash loses no wish. */
export class BatchDeleter {
  readonly #deps: BatchDeleterDeps;
  readonly #poller: Poller;

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
    const { database, eraser } = this.#deps;
    for (const id of await findToDelete(database, MAX_BATCHES)) {
      const forgotten = await forgetBatch(database, id);
      if (forgotten.kind === 'forgotten') await eraser.erase(forgotten.segments);
    }
  }
}
