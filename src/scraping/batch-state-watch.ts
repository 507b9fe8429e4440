import { Poller } from '../async/poller';
import type { BatchState } from '../store/batch-states';

export interface BatchStateWatchDeps {
  readonly findStates: (batchIds: readonly string[]) => Promise<ReadonlyMap<string, BatchState>>;
}

/** @param state undefined when the batch is gone */
type Listener = (state: BatchState | undefined) => void;

const LOOK_EVERY_MS = 1_000;

/**
 * Tells whoever fetches URLs of a batch what was asked of it meanwhile: to pause, to be cancelled, to ask hosts less. One query a second
 * serves all batches of a worker.
 */
export class BatchStateWatch {
  readonly #deps: BatchStateWatchDeps;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #poller = new Poller({
    run: () => this.#look(),
    everyMs: LOOK_EVERY_MS,
    onError: () => undefined, // PostgreSQL is away: whoever commits notices, and the next look is in a second
  });

  constructor(deps: BatchStateWatchDeps) {
    this.#deps = deps;
  }

  /**
   * Watches one batch.
   * @param onState is called at every look, whether something has changed or not
   * @returns a function that ends the watch
   */
  watch(batchId: string, onState: Listener): () => void {
    const listeners = this.#listeners.get(batchId) ?? new Set<Listener>();
    this.#listeners.set(batchId, listeners.add(onState));
    this.#poller.start();
    return () => {
      listeners.delete(onState);
      if (listeners.size === 0 && this.#listeners.get(batchId) === listeners) this.#listeners.delete(batchId);
      if (this.#listeners.size === 0) void this.#poller.stop();
    };
  }

  async #look(): Promise<void> {
    const asked = [...this.#listeners].map(([id, listeners]) => ({ id, listeners: [...listeners] }));
    const states = await this.#deps.findStates(asked.map(({ id }) => id));
    for (const { id, listeners } of asked) for (const tell of listeners) tell(states.get(id));
  }
}
