const REMEMBERED = 16;
const MIN_THROTTLED = 4;
const MIN_MS = 1_000;
const FIRST_MS = 2_000;
const MAX_OWN_MS = 60_000;
const MAX_ASKED_MS = 60 * 60_000;
/** Longest rest after a 503, which concerns one page as often as the whole host: a wrong verdict must not cost an hour. */
const MAX_ASKED_BY_503_MS = 5 * 60_000;
/** Difference up to which two rests count as the same (ms), because requests that are refused together each ask for the same rest. */
const WORTH_TELLING_MS = 250;
/** Limit from which on a host needs none, because it has answered that many requests at a time. */
const NO_LIMIT_FROM = 64;

export interface ThrottledAnswer {
  readonly statusCode: number;
  readonly retryAfterMs?: number | undefined;
  /** Whether the same page had been answered so at its attempt before. */
  readonly wasThrottledBefore?: boolean;
}

/**
 * Decides how a host that has throttled is treated. A 429 concerns the whole host, which rests as long as it asked, or else for 2 s,
 * doubling up to a minute. A 503 counts only when at least half of the last 16 answers were of that kind, because some sites answer a few
 * of their pages with it. At the end of a batch these few are all that is left, so a page that had been answered so before does not count
 * at all while the host has no limit. After a rest the host is asked one request at a time, then two, four, and so on while its answers are
 * fine.
 * All times are of one monotonic clock.
 */
export class ThrottleRecord {
  /** For each of the last answers, the newest last: whether it was a throttling one. */
  #wasThrottled: boolean[] = [];
  #inARow = 0;
  #restsUntilMs = -Infinity;
  #limit = Infinity;

  get restsUntilMs(): number {
    return this.#restsUntilMs;
  }

  /** Most requests in flight that the host may have after a rest. */
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
    // Growing by one with each answer doubles the limit once all requests in flight have been answered.
    this.#limit = this.#limit + 1 >= NO_LIMIT_FROM ? Infinity : this.#limit + 1;
  }

  /** Notes a throttling answer. @returns time for which the host rests from now on (ms); 0 when that was known */
  noteThrottled({ statusCode, retryAfterMs, wasThrottledBefore = false }: ThrottledAnswer, nowMs: number): number {
    const is429 = statusCode === 429;
    if (!is429 && wasThrottledBefore && this.#limit === Infinity) return 0;
    this.#remember(true);
    if (!is429 && (retryAfterMs === undefined || !this.#isMostlyThrottled())) return 0;
    // Requests that were in flight together are refused together, which counts once and not sixteen times.
    if (nowMs >= this.#restsUntilMs) this.#inARow += 1;
    const ownMs = Math.min(FIRST_MS * 2 ** Math.min(Math.max(this.#inARow - 1, 0), 10), MAX_OWN_MS);
    const longestMs = is429 ? MAX_ASKED_MS : MAX_ASKED_BY_503_MS;
    const restMs = retryAfterMs === undefined ? ownMs : Math.min(Math.max(retryAfterMs, MIN_MS), longestMs);
    return this.restUntil(nowMs + restMs) ? restMs : 0;
  }

  /** Lets the host rest. @returns whether that is longer than it would have rested anyway */
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
