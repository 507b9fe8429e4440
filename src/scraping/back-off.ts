import type { HostBusyError } from '../scheduling/pacing/host-gate';
import type { Queryable } from '../store/database';
import { makeAppointment } from '../store/host-pacing';

/** Temporal gives out some 40 single jobs a second at most (measured): closer together they would only wait there. */
const MIN_INTERVAL_MS = 25;
/** Jobs that are so far back look in now and then instead: what is before them may be cancelled meanwhile. */
const MAX_APPOINTMENT_MS = 10 * 60_000;
const MIN_DELAY_MS = 500;

/**
 * When a single job tries again that could not wait for its host: by appointment, one after another, and before its time is over.
 * @param leftMs until then
 */
export async function comeBackAfterMs(
  db: Queryable,
  { host, waitMs, intervalMs }: Pick<HostBusyError, 'host' | 'waitMs' | 'intervalMs'>,
  leftMs: number,
): Promise<number> {
  const appointed = await makeAppointment(db, host, {
    notBeforeMs: waitMs,
    intervalMs: Math.max(intervalMs, MIN_INTERVAL_MS),
    atMostMs: MAX_APPOINTMENT_MS,
  });
  const delayMs = Math.max(appointed ?? waitMs + MAX_APPOINTMENT_MS * between(0.5, 1), MIN_DELAY_MS);
  // Those whose time is over before would all come at its end. So they do not, and each has some more tries.
  return Math.round(Math.min(delayMs, Math.max(leftMs * between(0.5, 0.9), MIN_DELAY_MS)));
}

const between = (from: number, to: number): number => from + (to - from) * Math.random();

/** When jobs of a key that is at its limit come back: a large backlog must not keep the server busy with asking. */
export class KeyBackOff {
  readonly #turnedAway = new Map<string, number>();

  /** Longer the more have been turned away since the key last had room. Milliseconds. */
  askAgainAfterMs(apiKeyId: string, limit: number): number {
    const waiting = (this.#turnedAway.get(apiKeyId) ?? 0) + 1;
    this.#turnedAway.set(apiKeyId, waiting);
    return Math.min(500 + (waiting / limit) * 100, 15_000) * (0.8 + 0.4 * Math.random());
  }

  /** The key has room again. */
  forget(apiKeyId: string): void {
    this.#turnedAway.delete(apiKeyId);
  }
}
