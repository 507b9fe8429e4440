export interface PollerOptions {
  /** One round. The next one begins only after its promise has settled. */
  readonly run: () => Promise<unknown>;
  /** Time between the beginnings of two rounds (ms). While a round takes longer, the ones that would begin meanwhile are left out. */
  readonly everyMs: number;
  /** Receives what a round threw; the next round comes all the same. Must not throw. */
  readonly onError: (error: unknown) => void;
  /** Whether `start` runs the first round at once rather than after `everyMs`. @default false */
  readonly startsAtOnce?: boolean;
}

/**
 * Runs a function again and again, never twice at the same time. Its timer does not keep the process alive.
 * It may be started again after a stop.
 */
export class Poller {
  readonly #options: PollerOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWoken = false;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Does nothing when it is started already. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#begin(), this.#options.everyMs).unref();
    if (this.#options.startsAtOnce === true) this.wake();
  }

  /**
   * Runs a round now. While one is running, another follows right behind it, because the running one may have looked too
   * early; further calls until then add none. Does nothing unless started.
   */
  wake(): void {
    if (this.#timer === undefined) return;
    this.#isWoken = true;
    this.#begin();
  }

  /** Begins no more rounds, and resolves when the running one is over. Never rejects. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isWoken = false;
    await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined;
      if (this.#isWoken) this.#begin();
    });
  }

  async #runOnce(): Promise<void> {
    this.#isWoken = false;
    try {
      await this.#options.run();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
