import type { GoneWorker, OtherWorker } from './share-store';

export interface SilentWorkersDeps {
  /** Whether a process is known to have ended. */
  readonly hasEnded: (process: string) => boolean;
}

/** A worker that has not been heard of for this long starts nothing any more, and has cut what it had in flight. */
const GONE_AFTER_MS = 20_000;
/** A worker that is well has reported once within this time. */
const SILENT_MS = 2_500;
/** After a longer time between two looks the count begins anew: this worker stood still, or PostgreSQL was away and nobody could report. */
const MOST_PER_LOOK_MS = 4_000;

interface Watched {
  readonly beat: string;
  readonly silentMs: number;
  /** Whether it has reported since it has been watched. */
  readonly hasMoved: boolean;
}

/**
 * Decides which other workers are gone. Silence is counted by this process's monotonic clock, look by look, so that nobody is taken
 * for gone when PostgreSQL's clock is set, or after PostgreSQL was away from all. Its clock counts only for workers that were silent
 * already when this one came, and only when they stay so.
 */
export class SilentWorkers {
  readonly #deps: SilentWorkersDeps;
  #watched: ReadonlyMap<string, Watched> = new Map();
  #lookedAtMs: number | undefined;

  constructor(deps: SilentWorkersDeps) {
    this.#deps = deps;
  }

  /** @param nowMs by this process's monotonic clock */
  look(others: readonly OtherWorker[], nowMs: number): readonly GoneWorker[] {
    const passedMs = nowMs - (this.#lookedAtMs ?? nowMs);
    this.#lookedAtMs = nowMs;
    this.#watched = new Map(others.map(({ id, beat }) => [id, this.#watch(id, beat, passedMs)]));
    return others.filter((other) => this.#isGone(other)).map(({ id, beat }) => ({ id, beat }));
  }

  #watch(id: string, beat: string, passedMs: number): Watched {
    const before = this.#watched.get(id);
    if (before === undefined) return { beat, silentMs: 0, hasMoved: false };
    if (before.beat !== beat) return { beat, silentMs: 0, hasMoved: true };
    return { ...before, silentMs: passedMs > MOST_PER_LOOK_MS ? 0 : before.silentMs + passedMs };
  }

  #isGone({ id, process, silentMs }: OtherWorker): boolean {
    const watched = this.#watched.get(id);
    if (watched === undefined) return false;
    if (watched.silentMs > GONE_AFTER_MS) return true;
    if (!watched.hasMoved && silentMs > GONE_AFTER_MS && watched.silentMs > SILENT_MS) return true;
    return Math.max(silentMs, watched.silentMs) > SILENT_MS && this.#deps.hasEnded(process);
  }
}
