import { Poller } from '../async/poller';
import { batchPlaceOf, chunkPlaceOf } from '../jobs/job-id';

export interface CancelWatchDeps {
  /** Finds the members of these batches that were cancelled in the last `withinMs`. */
  readonly findCancelled: (batchIds: readonly string[], withinMs: number) => Promise<readonly string[]>;
}

type Listener = (place: number) => void;

const LOOK_EVERY_MS = 1_000;
/** Covers several looks, because one may fail. A URL that is missed all the same is fetched once more, but its row stays cancelled. */
const WITHIN_MS = 5_000;

/**
 * Tells sweeps which of their URLs were cancelled, because swept URLs have no workflow that a cancellation could reach. One query a
 * second serves all sweeps of a worker.
 */
export class CancelWatch {
  readonly #deps: CancelWatchDeps;
  readonly #chunks = new Map<string, Map<number, Listener>>();
  readonly #poller = new Poller({
    run: () => this.#look(),
    everyMs: LOOK_EVERY_MS,
    onError: () => undefined, // PostgreSQL is away: whoever commits notices, and the next look is in a second
  });

  constructor(deps: CancelWatchDeps) {
    this.#deps = deps;
  }

  /**
   * Watches one chunk.
   * @param onCancelled may be called with the same place more than once
   * @returns a function that ends the watch
   */
  watch(batchId: string, chunk: number, onCancelled: Listener): () => void {
    const chunks = this.#chunks.get(batchId) ?? new Map<number, Listener>();
    this.#chunks.set(batchId, chunks.set(chunk, onCancelled));
    this.#poller.start();
    return () => {
      if (chunks.get(chunk) !== onCancelled) return;
      chunks.delete(chunk);
      if (chunks.size === 0) this.#chunks.delete(batchId);
      if (this.#chunks.size === 0) void this.#poller.stop();
    };
  }

  async #look(): Promise<void> {
    for (const id of await this.#deps.findCancelled([...this.#chunks.keys()], WITHIN_MS)) {
      const member = batchPlaceOf(id);
      if (member === undefined) continue;
      const { chunk, place } = chunkPlaceOf(member.index);
      this.#chunks.get(member.batchId)?.get(chunk)?.(place);
    }
  }
}
