import { Poller } from '../async/poller';
import type { Start } from '../jobs/workflow-start';
import type { Logger } from '../telemetry/logger';

export interface DispatcherDeps {
  readonly startWorkflow: (start: Start) => Promise<void>;
  readonly findNotStarted: (options: { readonly minAgeMs: number; readonly limit: number }) => Promise<Start[]>;
  readonly acknowledgeStarts: (starts: readonly Start[]) => Promise<void>;
  readonly logger: Logger;
}

const MAX_IN_FLIGHT = 8;
/** Starts that are kept in memory. Those that do not fit are found by the next poll, because the rows are the queue. */
const MAX_QUEUED = 1_000;
const MAX_WAIT_MS = 1_000;
const DISPATCH_EVERY_MS = 2_000;
const ACKNOWLEDGE_EVERY_MS = 200;

/**
 * Starts the workflow of every committed row. The API offers each row right after its commit; every 2 s the dispatcher also looks for
 * rows whose start was not acknowledged, as after a crash or while Temporal was away.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #queue: Start[] = [];
  /** Rows that are queued, starting, or started and not yet acknowledged. */
  readonly #known = new Set<string>();
  readonly #settled = new Map<string, () => void>();
  #started: Start[] = [];
  #inFlight = 0;
  #isStopped = false;
  #isFailing = false;
  readonly #pollers: readonly Poller[];

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    const onError = (error: unknown): void =>
      deps.logger.debug({ err: String(error) }, 'the dispatcher cannot read or write the rows');
    this.#pollers = [
      new Poller({ run: () => this.#dispatch(), everyMs: DISPATCH_EVERY_MS, onError }),
      new Poller({ run: () => this.#acknowledge(), everyMs: ACKNOWLEDGE_EVERY_MS, onError }),
    ];
  }

  run(): void {
    this.#pollers.forEach((poller) => poller.start());
  }

  /** Accepts a committed row whose workflow is to start soon. A row that is not accepted, or fails to start, is found by the next poll. */
  offer(start: Start): void {
    if (this.#isStopped || this.#known.has(start.id) || this.#queue.length >= MAX_QUEUED) return;
    this.#known.add(start.id);
    this.#queue.push(start);
    this.#next();
  }

  /**
   * Offers a row and waits until its workflow has started, so that a client that gets the id also finds the workflow.
   * It never fails, and waits at most a second, or not at all while Temporal is away.
   */
  async offerAndWait(start: Start): Promise<void> {
    this.offer(start);
    if (this.#isFailing || !this.#known.has(start.id)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, MAX_WAIT_MS);
      this.#settled.set(start.id, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#settled.delete(start.id);
  }

  /** Stops. Rows that are still queued are found after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#queue.length = 0;
    for (const poller of this.#pollers) await poller.stop();
    // Rows that cannot be acknowledged now are started again after the next start, which is harmless.
    await this.#acknowledge().catch(() => undefined);
  }

  #next(): void {
    while (this.#inFlight < MAX_IN_FLIGHT) {
      const start = this.#queue.shift();
      if (start === undefined) return;
      this.#inFlight += 1;
      void this.#start(start).finally(() => {
        this.#settled.get(start.id)?.();
        this.#inFlight -= 1;
        this.#next();
      });
    }
  }

  async #start(start: Start): Promise<void> {
    try {
      await this.#deps.startWorkflow(start);
      this.#started.push(start);
      if (this.#isFailing) this.#deps.logger.info('Temporal takes workflows again');
      this.#isFailing = false;
    } catch (error) {
      this.#known.delete(start.id);
      // This is logged once per outage and not once per job, because each job is tried again every 2 s.
      if (!this.#isFailing)
        this.#deps.logger.warn(
          { err: String(error), workflow: `${start.kind}/${start.id}` },
          'a workflow could not be started; it will be tried again',
        );
      this.#isFailing = true;
    }
  }

  async #dispatch(): Promise<void> {
    for (const start of await this.#deps.findNotStarted({ minAgeMs: DISPATCH_EVERY_MS, limit: MAX_QUEUED }))
      this.offer(start);
  }

  async #acknowledge(): Promise<void> {
    if (this.#started.length === 0) return;
    const batch = this.#started;
    this.#started = [];
    try {
      await this.#deps.acknowledgeStarts(batch);
      batch.forEach(({ id }) => this.#known.delete(id));
    } catch (error) {
      this.#started = batch.concat(this.#started); // the next round tries again
      throw error;
    }
  }
}
