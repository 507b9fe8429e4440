const REMEMBERED = 16;
const MIN_THROTTLED = 4;
const MIN_MS = 1_000;
const FIRST_MS = 2_000;
const MAX_OWN_MS = 60_000;
const MAX_ASKED_MS = 60 * 60_000;
/** Longest rest after a 503, which concerns one page as often as the whole host: a wrong verdict must not cost an hour. */
const MAX_ASKED_BY_503_MS = 5 * 60_000;
/** A rest that ends only this much later is no news: requests that were turned away together each ask for the same rest. */
const WORTH_TELLING_MS = 250;
/** A host that has answered this many requests at a time needs no limit any more. */
const NO_LIMIT_FROM = 64;

export interface ThrottledAnswer {
  readonly statusCode: number;
  readonly retryAfterMs?: number | undefined;
}

/**
 * How a host that has throttled is treated. A 429 concerns the whole host: it rests as long as it asked, or else 2 s doubling to a minute.
 * A 503 counts only when at least half of the last 16 answers were like it: some sites answer a few of their pages so.
 * After a rest it is asked one request at a time, then two, four, and so on while its answers are all right.
 * Times are of one monotonic clock.
 */
export class ThrottleRecord {
  /** Whether each of the last answers was a throttling one, the newest last. */
  #wasThrottled: boolean[] = [];
  #inARow = 0;
  #restsUntilMs = -Infinity;
  #limit = Infinity;

  get restsUntilMs(): number {
    return this.#restsUntilMs;
  }

  /** Most requests in flight that it may have after a rest. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether there is nothing left to remember. */
  isOver(nowMs: number): boolean {
    return this.#limit === Infinity && this.#restsUntilMs <= nowMs && !this.#wasThrottled.includes(true);
  }

  noteAnswered(nowMs: number): void {
    this.#remember(false);
    if (nowMs < this.#restsUntilMs) return; // it was asked before the rest began
    this.#inARow = 0;
    // One more with each answer is twice as many when all that were in flight have been answered.
    this.#limit = this.#limit + 1 >= NO_LIMIT_FROM ? Infinity : this.#limit + 1;
  }

  /** @returns for how long it rests from now on, ms; 0 when that is nothing new */
  noteThrottled({ statusCode, retryAfterMs }: ThrottledAnswer, nowMs: number): number {
    this.#remember(true);
    const is429 = statusCode === 429;
    if (!is429 && (retryAfterMs === undefined || !this.#isMostlyThrottled())) return 0;
    // Requests that were in flight together are turned away together, which counts once and not sixteen times.
    if (nowMs >= this.#restsUntilMs) this.#inARow += 1;
    const ownMs = Math.min(FIRST_MS * 2 ** Math.min(Math.max(this.#inARow - 1, 0), 10), MAX_OWN_MS);
    const longestMs = is429 ? MAX_ASKED_MS : MAX_ASKED_BY_503_MS;
    const restMs = retryAfterMs === undefined ? ownMs : Math.min(Math.max(retryAfterMs, MIN_MS), longestMs);
    return this.restUntil(nowMs + restMs) ? restMs : 0;
  }

  /** @returns whether that is longer than it rests anyway */
  restUntil(untilMs: number): boolean {
    if (untilMs <= this.#restsUntilMs + WORTH_TELLING_MS) return false;
    this.#restsUntilMs = untilMs;
    this.#limit = 1;
    return true;
  }

  #remember(isThrottled: boolean): void {
    this.#wasThrottled.push(isThrottled);
    if (this.#wasThrottled.length > REMEMBERED) this.#wasThrottled.shift();
  }

  #isMostlyThrottled(): boolean {
    const throttled = this.#wasThrottled.filter(Boolean).length;
    return throttled >= MIN_THROTTLED && throttled * 2 >= this.#wasThrottled.length;
  }
}
