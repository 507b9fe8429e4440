import type { HostRest, PacingStore } from './pacing-store';

export interface RestExchangeDeps {
  readonly store: Pick<PacingStore, 'noteRests' | 'findRests'>;
  /** Called for each host that has told a worker, perhaps this one, to rest. The same host may come several times. */
  readonly onRest: (rest: HostRest) => void;
}

/** Time that the first reading of a worker goes back (ms), because older rests are over. */
const MAX_LOOK_MS = 60 * 60_000;
/** Overlap of two readings (ms), because a row becomes visible a little after the time that is written in it. */
const OVERLAP_MS = 5_000;

/** Exchanges with the other workers which hosts have asked for a rest. One statement each way runs at a time. */
export class RestExchange {
  readonly #deps: RestExchangeDeps;
  readonly #news = new Map<string, { readonly untilMs: number }>();
  #isTelling = false;
  #isLooking = false;
  #lookedAtMs = -Infinity;

  constructor(deps: RestExchangeDeps) {
    this.#deps = deps;
  }

  tell({ host, restMs }: HostRest): void {
    this.#news.set(host, { untilMs: performance.now() + restMs });
    if (!this.#isTelling) void this.#tell();
  }

  /** Reads the rests that were noted since the last reading. */
  async look(): Promise<void> {
    if (this.#news.size > 0 && !this.#isTelling) void this.#tell(); // the last attempt failed
    if (this.#isLooking) return;
    this.#isLooking = true;
    const nowMs = performance.now();
    try {
      const rests = await this.#deps.store.findRests(Math.min(nowMs - this.#lookedAtMs + OVERLAP_MS, MAX_LOOK_MS));
      this.#lookedAtMs = nowMs;
      rests.forEach((rest) => this.#deps.onRest(rest));
    } catch {
      // PostgreSQL is away. Commits report that, and the next reading goes back further.
    } finally {
      this.#isLooking = false;
    }
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    try {
      while (this.#news.size > 0) {
        const told = [...this.#news];
        const nowMs = performance.now();
        const rests = told.map(([host, { untilMs }]) => ({ host, restMs: untilMs - nowMs }));
        await this.#deps.store.noteRests(rests.filter(({ restMs }) => restMs > 0));
        for (const [host, rest] of told) if (this.#news.get(host) === rest) this.#news.delete(host);
      }
    } catch {
      // The next reading tries again.
    } finally {
      this.#isTelling = false;
    }
  }
}
