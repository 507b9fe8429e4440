import type { StoredBatch } from '../store/batches';
import type { BatchWatch } from './batch-watch';

export type BatchChange =
  | { readonly kind: 'batch'; readonly batch: StoredBatch }
  /** Nothing has happened for a while. */
  | { readonly kind: 'idle' }
  /** The batch is gone, or the client. */
  | { readonly kind: 'over' };

/** States of a batch for a reader that takes them one after another. One that is not taken is replaced by the next. */
export class BatchChanges {
  readonly #stop: () => void;
  #pending: BatchChange | undefined;
  #isOver = false;
  #answer: ((change: BatchChange) => void) | undefined;

  /** @param signal ends it. @throws ProblemError `too_many_streams` */
  constructor(watch: BatchWatch, batchId: string, signal: AbortSignal) {
    const stop = watch.listen(batchId, (batch) =>
      batch === undefined ? this.stop() : this.#tell({ kind: 'batch', batch }),
    );
    const onAbort = () => this.stop();
    this.#stop = () => {
      stop();
      signal.removeEventListener('abort', onAbort);
    };
    if (signal.aborted) this.stop();
    else signal.addEventListener('abort', onAbort);
  }

  /** Resolves with the latest state that was not taken yet, or after this time (ms). Never rejects. */
  next(timeoutMs: number): Promise<BatchChange> {
    if (this.#isOver) return Promise.resolve({ kind: 'over' });
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) return Promise.resolve(pending);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#tell({ kind: 'idle' }), timeoutMs).unref();
      this.#answer = (change) => {
        clearTimeout(timer);
        resolve(change);
      };
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#stop();
    this.#tell({ kind: 'over' });
  }

  #tell(change: BatchChange): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined) this.#pending = change;
    else answer(change);
  }
}
