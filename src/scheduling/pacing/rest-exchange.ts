import type { HostRest, PacingStore } from './pacing-store';

export interface RestExchangeDeps {
  readonly store: Pick<PacingStore, 'noteRests' | 'findRests'>;
  /** Called for each host that has told a worker, perhaps this one, to rest. The same host may come several times. */
  readonly onRest: (rest: HostRest) => void;
}

/** The first look of a worker goes back no further, because older rests are over. */
const MAX_LOOK_MS = 60 * 60_000;
/** Looks overlap by this much, because a row becomes visible a little after the time that it bears. */
const OVERLAP_MS = 5_000;

/** Tells other workers which hosts have asked for a rest, and hears it from them. One statement each way at a time. */
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

  /** Reads what was noted since the last look. */
  async look(): Promise<void> {
    if (this.#news.size > 0 && !this.#isTelling) void this.#tell(); // the last try failed
    if (this.#isLooking) return;
    this.#isLooking = true;
    const nowMs = performance.now();
    try {
      const rests = await this.#deps.store.findRests(Math.min(nowMs - this.#lookedAtMs + OVERLAP_MS, MAX_LOOK_MS));
      this.#lookedAtMs = nowMs;
      rests.forEach((rest) => this.#deps.onRest(rest));
    } catch {
      // PostgreSQL is away: whoever commits notices, and the next look reads further back.
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
      // The next look tries again.
    } finally {
      this.#isTelling = false;
    }
  }
}
