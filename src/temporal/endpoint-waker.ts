import { Poller } from '../async/poller';
import type { Logger } from '../telemetry/logger';

export interface EndpointWakerDeps {
  readonly wakeEndpoint: (endpointId: string) => Promise<void>;
  readonly findNeglected: (options: { readonly lateMs: number; readonly limit: number }) => Promise<string[]>;
  readonly logger: Logger;
}

/**
 * A workflow takes 10,000 signals a run, and each costs the server some 10 ms. Who has been woken stays for 5 s after its last
 * call and looks for news itself, so a second signal within that time is as good as none.
 */
const MIN_GAP_MS = 5_000;
/** A receiver's workflow that works through a backlog is not woken again and again. */
const NEGLECTED_GAP_MS = 30_000;
const LOOK_EVERY_MS = 2_000;
const LATE_MS = 5_000;
/** Far more than a worker has places for: those that come first are not the only ones that are ever woken. */
const MAX_LATE = 2_000;

/** Tells receivers' workflows that there is something to deliver: right after the commit, and again when a wake-up was lost. */
export class EndpointWaker {
  readonly #deps: EndpointWakerDeps;
  /** Last wake-up per receiver, ms since the epoch. Old entries are dropped. */
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

  /** While the receiver's calls are made in this process, what is new is told there, and its workflow is left alone. */
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
