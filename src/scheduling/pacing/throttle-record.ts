const REMEMBERED = 16;
const FEWEST_THROTTLED = 4;
const SHORTEST_MS = 1_000;
const FIRST_MS = 2_000;
const LONGEST_OWN_MS = 60_000;
const LONGEST_ASKED_MS = 60 * 60_000;
/** A 503 speaks for a page as often as for its host, and a verdict that is wrong must not cost an hour. */
const LONGEST_ASKED_BY_503_MS = 5 * 60_000;
/** Requests that were turned away together ask for the same rest, each a little later. */
const WORTH_TELLING_MS = 250;
/** A host that has answered so many at a time needs no more care. */
const NO_LIMIT_FROM = 64;

export interface ThrottledAnswer {
  readonly statusCode: number;
  readonly retryAfterMs?: number | undefined;
}

/**
 * How a host that has throttled is treated. A 429 means all of it: it rests as long as it asked, or else 2 s doubling to a minute.
 * A 503 counts only when at least half of the last 16 answers were like it: some sites answer a few of their pages so.
 * After a rest it is asked one request at a time, then two, four, and so on while its answers are all right.
 * Times are of one monotonic clock.
 */
export class ThrottleRecord {
  /** The newest last. */
  #wasThrottled: boolean[] = [];
  #inARow = 0;
  #restsUntilMs = -Infinity;
  #limit = Infinity;

  get restsUntilMs(): number {
    return this.#restsUntilMs;
  }

  /** Requests in flight that it may have, as far as this is concerned. */
  get limit(): number {
    return this.#limit;
  }

  /** Nothing is left to remember. */
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
    // Requests that were in flight together are turned away together: that is one time and not sixteen.
    if (nowMs >= this.#restsUntilMs) this.#inARow += 1;
    const ownMs = Math.min(FIRST_MS * 2 ** Math.min(Math.max(this.#inARow - 1, 0), 10), LONGEST_OWN_MS);
    const longestMs = is429 ? LONGEST_ASKED_MS : LONGEST_ASKED_BY_503_MS;
    const restMs = retryAfterMs === undefined ? ownMs : Math.min(Math.max(retryAfterMs, SHORTEST_MS), longestMs);
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
    return throttled >= FEWEST_THROTTLED && throttled * 2 >= this.#wasThrottled.length;
  }
}
