/** The time limit of one attempt is over. Becomes the outcome ATTEMPT_TIMEOUT. */
export class AttemptTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the attempt took longer than ${timeoutMs} ms`);
    this.name = 'AttemptTimeoutError';
  }
}

/** Tells that an attempt is to end. With many attempts in flight, an AbortSignal and its listeners would cost ten times as much. */
export interface Interruption {
  /** Called with the reason when the attempt is to end at once; one at a time. */
  onInterrupt: ((reason: unknown) => void) | undefined;
}

export interface AttemptClock extends Interruption {
  /** Aborts with the caller's own reason, or with an {@link AttemptTimeoutError}. It is created when it is first read. */
  readonly signal: AbortSignal;
  throwIfOver(): void;
  /** Ends the attempt now, as if the caller's signal had. */
  end(reason: unknown): void;
  /** The time that `work` takes does not count: waiting for a slot or for memory is our doing, not the target's. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** The clocks of each signal. A signal gets one listener, which stays: attempts of one sweep share a signal, and adding to its listeners gets slower with their number. */
const clocksOf = new WeakMap<AbortSignal, Set<RunningClock>>();

/**
 * Starts the clock of one attempt. `AbortSignal.any` with `AbortSignal.timeout` would not do, because that timer could not be stopped
 * while an attempt waits its turn.
 */
export function startAttemptClock(timeoutMs: number, caller: AbortSignal): AttemptClock {
  let clocks = clocksOf.get(caller);
  if (clocks === undefined) {
    const running = (clocks = new Set());
    clocksOf.set(caller, running);
    caller.addEventListener('abort', () => [...running].forEach((clock) => clock.end(caller.reason)), { once: true });
  }
  return new RunningClock(timeoutMs, caller, clocks);
}

class RunningClock implements AttemptClock {
  #onInterrupt: ((reason: unknown) => void) | undefined;
  readonly #timeoutMs: number;
  readonly #siblings: Set<RunningClock>;
  /** Start of the attempt, moved forward by the length of each pause. */
  #startedAt = performance.now();
  #pausedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #reason: unknown;
  #controller: AbortController | undefined;

  constructor(timeoutMs: number, caller: AbortSignal, siblings: Set<RunningClock>) {
    this.#timeoutMs = timeoutMs;
    this.#siblings = siblings;
    if (caller.aborted) this.end(caller.reason);
    else {
      siblings.add(this);
      this.#timer = setTimeout(onTimer, timeoutMs, this);
    }
  }

  get onInterrupt(): ((reason: unknown) => void) | undefined {
    return this.#onInterrupt;
  }

  /** A listener that is set too late is called at once, because nothing else would end what it has begun. */
  set onInterrupt(interrupt: ((reason: unknown) => void) | undefined) {
    this.#onInterrupt = interrupt;
    if (this.#isOver) interrupt?.(this.#reason);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isOver) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  throwIfOver(): void {
    if (this.#isOver) throw this.#reason;
  }

  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.#pausedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#startedAt += performance.now() - this.#pausedAt;
      this.#pausedAt = undefined;
      if (this.#timer === undefined && this.#siblings.has(this)) this.runOut();
    }
  }

  stop(): void {
    this.#siblings.delete(this);
    clearTimeout(this.#timer);
    this.#onInterrupt = undefined;
  }

  end(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    const interrupt = this.#onInterrupt;
    this.stop();
    this.#controller?.abort(reason);
    interrupt?.(reason);
  }

  /** The timer is set once per attempt. Only when it fires does it become clear that pauses have moved the end. */
  runOut(): void {
    this.#timer = undefined;
    if (this.#pausedAt !== undefined) return;
    const leftMs = this.#timeoutMs - (performance.now() - this.#startedAt);
    if (leftMs > 0) this.#timer = setTimeout(onTimer, Math.ceil(leftMs), this);
    else this.end(new AttemptTimeoutError(this.#timeoutMs));
  }
}

function onTimer(clock: RunningClock): void {
  clock.runOut();
}
