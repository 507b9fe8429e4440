import { HostBusyError } from './host-gate';
import type { HostDelay } from './host-gate';
import { Permits } from './send-times';
import { ThrottleRecord } from './throttle-record';
import type { ThrottledAnswer } from './throttle-record';

/** A record of a host that has not been heard of for so long is worth nothing any more. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** Between the requests that waited for a rest to end. */
const AFTER_REST_MS = 250;

/** What a pacer knows of a host with a pace, or of one that has throttled. Times are of the monotonic clock. */
export class PacedHost {
  readonly host: string;
  /** 0: no pace. */
  intervalMs: number;
  readonly permits = new Permits();
  /** Requests that wait, as after a redirect; they go before the pool's. */
  turns: (() => void)[] = [];
  /** The pool waits for it, with so many fetches. */
  isAwaited = false;
  wanted = 0;
  /** A reservation is on its way. */
  isAsking = false;
  askAgainAtMs = -Infinity;
  /** When the next slot is that one was told of. */
  slotAtMs = -Infinity;
  #throttle: ThrottleRecord | undefined;
  #heardOfAtMs = performance.now();
  readonly #refusals = new Map<() => void, (error: Error) => void>();
  #timer: NodeJS.Timeout | undefined;
  #looksAtMs = Infinity;

  constructor(host: string, intervalMs: number) {
    this.host = host;
    this.intervalMs = intervalMs;
  }

  get hasThrottled(): boolean {
    return this.#throttle !== undefined;
  }

  /** Requests in flight after a rest. */
  get limit(): number {
    return this.#throttle?.limit ?? Infinity;
  }

  isResting(nowMs: number): boolean {
    return (this.#throttle?.restsUntilMs ?? -Infinity) > nowMs;
  }

  /** Whether a request may be sent now. */
  isOpen(nowMs: number): boolean {
    if (this.isResting(nowMs)) return false;
    return this.intervalMs === 0 || this.permits.isDue(nowMs, this.intervalMs);
  }

  /** When to look again; undefined when a slot has to be asked for, or is being asked for. */
  nextLookAtMs(nowMs: number): number | undefined {
    if (this.isResting(nowMs)) return this.#throttle?.restsUntilMs;
    if (this.intervalMs === 0) return nowMs + AFTER_REST_MS;
    const atMs = this.permits.nextAtMs;
    if (atMs !== undefined) return atMs;
    return this.askAgainAtMs > nowMs && !this.isAsking ? this.askAgainAtMs : undefined;
  }

  delay(nowMs: number): HostDelay {
    const { intervalMs } = this;
    const restMs = (this.#throttle?.restsUntilMs ?? -Infinity) - nowMs;
    if (restMs > 0) return { waitMs: restMs, reason: 'resting', intervalMs };
    const slotAtMs = this.permits.nextAtMs ?? (this.askAgainAtMs > nowMs ? this.slotAtMs : nowMs);
    return { waitMs: Math.max(slotAtMs - nowMs, 0), reason: 'paced', intervalMs };
  }

  noteAnswered(nowMs: number): void {
    this.#heardOfAtMs = nowMs;
    this.#throttle?.noteAnswered(nowMs);
    if (this.#throttle?.isOver(nowMs) === true) this.#throttle = undefined;
  }

  /** @returns for how long it rests from now on, ms; 0 when that is nothing new */
  noteThrottled(answer: ThrottledAnswer, nowMs: number): number {
    this.#heardOfAtMs = nowMs;
    this.#throttle ??= new ThrottleRecord();
    return this.#throttle.noteThrottled(answer, nowMs);
  }

  /** @returns whether that is longer than it rests anyway */
  restUntil(untilMs: number): boolean {
    this.#heardOfAtMs = performance.now();
    this.#throttle ??= new ThrottleRecord();
    return this.#throttle.restUntil(untilMs);
  }

  /** Resolves when it is this request's turn. Rejects with the signal's reason, or when turns are refused. */
  waitForTurn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const unlisten = () => {
        signal.removeEventListener('abort', giveUp);
        this.#refusals.delete(take);
      };
      const take = () => {
        unlisten();
        resolve();
      };
      const giveUp = () => {
        this.turns = this.turns.filter((turn) => turn !== take);
        unlisten();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return reject(signal.reason as Error);
      this.turns.push(take);
      this.#refusals.set(take, (error) => {
        unlisten();
        reject(error);
      });
      signal.addEventListener('abort', giveUp);
    });
  }

  refuseTurns(delay: HostDelay): void {
    this.turns = [];
    for (const refuse of [...this.#refusals.values()]) refuse(new HostBusyError(this.host, delay));
  }

  /** Calls back at that time, or when an earlier one has been asked for, then. */
  lookAt(atMs: number, look: () => void): void {
    if (this.#timer !== undefined && this.#looksAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#looksAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        look();
      },
      Math.max(Math.ceil(atMs - performance.now()), 1),
    );
    this.#timer.unref();
  }

  /** There is nothing to be remembered, and nobody waits. */
  isIdle(nowMs: number): boolean {
    if (this.isAwaited || this.isAsking || this.turns.length > 0 || this.permits.size > 0) return false;
    if (this.isResting(nowMs) || this.askAgainAtMs > nowMs) return false;
    return this.#throttle === undefined || this.#heardOfAtMs < nowMs - FORGOTTEN_AFTER_MS;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.refuseTurns({ waitMs: 0, reason: 'paced', intervalMs: this.intervalMs });
  }
}
