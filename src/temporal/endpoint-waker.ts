import { Poller } from '../async/poller';
import type { Logger } from '../telemetry/logger';

export interface EndpointWakerDeps {
  readonly wakeEndpoint: (endpointId: string) => Promise<void>;
  readonly findNeglected: (options: { readonly lateMs: number; readonly limit: number }) => Promise<string[]>;
  readonly logger: Logger;
}

/**
 * Least time between two signals to a receiver's workflow (ms). A workflow takes 10,000 signals per run, and each costs the server some
 * 10 ms. A second signal within 5 s changes nothing, because after its last call the workflow looks for new callbacks for that long.
 */
const MIN_GAP_MS = 5_000;
/** Time after which a workflow is woken again for callbacks that are late (ms), so that one with a backlog is not woken all the time. */
const NEGLECTED_GAP_MS = 30_000;
const LOOK_EVERY_MS = 2_000;
const LATE_MS = 5_000;
/**
 * Receivers with late callbacks that a round reads. They are far more than a worker has places for, so that not always the same ones are
 * woken.
 */
const MAX_LATE = 2_000;

/** Wakes receivers' workflows when there are callbacks: right after the commit, and again when a wake-up was lost. */
export class EndpointWaker {
  readonly #deps: EndpointWakerDeps;
  /** Time of the last wake-up by receiver (ms since the epoch). Old entries are dropped. */
  readonly #wokenAt = new Map<string, number>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  readonly #listeners = new Map<string, () => void>();
  readonly #poller: Poller;

  constructor(deps: EndpointWakerDeps) {
    this.#deps = deps;
    this.#poller = new Poller({
      run: () => this.#look(),
      everyMs: LOOK_EVERY_MS,
      onError: (error) => deps.logger.debug({ err: String(error) }, 'the outbox cannot be read'),
    });
  }

  run(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller.stop();
    this.#later.forEach((timer) => clearTimeout(timer));
    this.#later.clear();
  }

  /**
   * Calls `onNews` instead of waking the workflow, while the receiver's calls are made in this process.
   * @returns function that ends this
   */
  listen(endpointId: string, onNews: () => void): () => void {
    this.#listeners.set(endpointId, onNews);
    return () => {
      if (this.#listeners.get(endpointId) === onNews) this.#listeners.delete(endpointId);
    };
  }

  wake(endpointIds: readonly string[]): void {
    for (const id of endpointIds) {
      this.#listeners.get(id)?.();
      if (this.#listeners.has(id) || this.#later.has(id)) continue;
      const waitMs = (this.#wokenAt.get(id) ?? 0) + MIN_GAP_MS - Date.now();
      if (waitMs <= 0) this.#wake(id);
      else
        this.#later.set(
          id,
          setTimeout(() => {
            this.#later.delete(id);
            this.#wake(id);
          }, waitMs),
        );
    }
  }

  #wake(id: string): void {
    this.#wokenAt.set(id, Date.now());
    this.#deps.wakeEndpoint(id).catch((error: unknown) => {
      this.#wokenAt.delete(id);
      this.#deps.logger.debug(
        { err: String(error), endpoint_id: id },
        'a receiver could not be woken; it will be tried again',
      );
    });
  }

  async #look(): Promise<void> {
    const now = Date.now();
    for (const [id, at] of this.#wokenAt) if (now - at > 2 * NEGLECTED_GAP_MS) this.#wokenAt.delete(id);
    const late = await this.#deps.findNeglected({ lateMs: LATE_MS, limit: MAX_LATE });
    this.wake(late.filter((id) => now - (this.#wokenAt.get(id) ?? 0) > NEGLECTED_GAP_MS));
  }
}
