import type { HostRest, PacingStore } from '../../../src/scheduling/pacing/pacing-store';

export interface SharedStore extends PacingStore {
  isAway: boolean;
  readonly calls: { reserve: number; noteRests: number; findRests: number };
  readonly largestStatement: number;
}

/** What PostgreSQL does for workers (src/store/host-pacing.ts), in memory and on the clock of the test; answers take `latencyMs`. */
export function createSharedStore(latencyMs: () => number = () => 1): SharedStore {
  const nextAt = new Map<string, number>();
  const rests = new Map<string, number>();
  const calls = { reserve: 0, noteRests: 0, findRests: 0 };
  let largestStatement = 0;
  const later = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, latencyMs()));
    if (store.isAway) throw new Error('away');
    const result = work();
    await new Promise((resolve) => setTimeout(resolve, latencyMs()));
    return result;
  };
  const store: SharedStore = {
    isAway: false,
    calls,
    get largestStatement() {
      return largestStatement;
    },
    reserve(wishes) {
      calls.reserve += 1;
      largestStatement = Math.max(largestStatement, wishes.length);
      return later(() =>
        wishes.map(({ host, intervalMs, slots }) => {
          const nowMs = Date.now();
          const fromMs = Math.max(nextAt.get(host) ?? 0, rests.get(host) ?? 0, nowMs);
          if (fromMs > nowMs + 2_000) return { host, fromMs, slots: 0, nowMs };
          nextAt.set(host, fromMs + slots * intervalMs);
          return { host, fromMs, slots, nowMs };
        }),
      );
    },
    noteRests(noted) {
      calls.noteRests += 1;
      return later(() =>
        noted.forEach(({ host, restMs }) => rests.set(host, Math.max(rests.get(host) ?? 0, Date.now() + restMs))),
      );
    },
    findRests() {
      calls.findRests += 1;
      return later(() =>
        [...rests]
          .map(([host, untilMs]): HostRest => ({ host, restMs: untilMs - Date.now() }))
          .filter(({ restMs }) => restMs > 0),
      );
    },
  };
  return store;
}
