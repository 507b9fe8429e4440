/** Failures in a row that make a proxy rest. */
const MAX_FAILURES = 3;
const FIRST_REST_MS = 30_000;
const MAX_REST_MS = 30 * 60_000;
/** By then the probe has said what came of it, or never will. */
const PROBE_MS = 2 * 60_000;

/** Different hosts in a row that did not want it, or that it could not reach. */
const MAX_STRANGERS = 5;
const MIN_CHANCE = 0.05;

/** Whether one proxy works at all, whatever the target. */
export class ProxyHealth {
  #failures = 0;
  /** Of the last rest; 0 when it has worked since. */
  #restMs = 0;
  #restUntilMs = 0;
  #probeUntilMs = 0;
  #strangers = 0;
  #lastStranger: string | undefined;

  /**
   * From 1 down to a little above 0: a proxy that fails on each new host is hardly asked any more, though no host knows it yet.
   * It never rests for that. Targets that nobody can reach would else take down one proxy after the other; so they lower all alike.
   */
  get chance(): number {
    return this.#strangers <= MAX_STRANGERS ? 1 : Math.max(MIN_CHANCE, 2 ** (MAX_STRANGERS - this.#strangers));
  }

  /** When it may be used again; in the past if it may now. */
  get closedUntilMs(): number {
    return Math.max(this.#restUntilMs, this.#probeUntilMs);
  }

  /** To be called when it has been chosen: after a rest one attempt finds out, before others follow. */
  noteUse(nowMs: number): void {
    if (this.#restMs > 0 && nowMs >= this.closedUntilMs) this.#probeUntilMs = nowMs + PROBE_MS;
  }

  noteGood(): void {
    this.#strangers = 0;
    this.#lastStranger = undefined;
    this.#noteAlive();
  }

  /** A block is good news for the proxy itself: it came through it. */
  noteBad(host: string): void {
    this.#noteStranger(host);
    this.#noteAlive();
  }

  /** Nothing came, and who is to blame is not known. */
  noteSilent(host: string): void {
    this.#noteStranger(host);
    this.#probeUntilMs = 0; // the probe has told nothing: the next attempt is one
  }

  noteDead(nowMs: number): void {
    if (nowMs < this.#restUntilMs) return; // was under way when the rest began, and says nothing new
    this.#failures += 1;
    if (this.#failures < MAX_FAILURES) return;
    this.#rest(this.#restMs === 0 ? FIRST_REST_MS : Math.min(MAX_REST_MS, this.#restMs * 2), nowMs);
  }

  /** Wrong credentials stay wrong until somebody changes them. */
  noteLockedOut(nowMs: number): void {
    this.#failures = MAX_FAILURES;
    this.#rest(MAX_REST_MS, nowMs);
  }

  #noteStranger(host: string): void {
    if (host !== this.#lastStranger) this.#strangers += 1;
    this.#lastStranger = host;
  }

  #noteAlive(): void {
    this.#failures = 0;
    this.#restMs = 0;
    this.#restUntilMs = 0;
    this.#probeUntilMs = 0;
  }

  #rest(restMs: number, nowMs: number): void {
    this.#restMs = restMs;
    this.#restUntilMs = nowMs + restMs;
    this.#probeUntilMs = 0;
  }
}
