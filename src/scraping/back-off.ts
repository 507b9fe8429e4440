import type { HostBusyError } from '../scheduling/pacing/host-gate';
import type { Queryable } from '../store/database';
import { makeAppointment } from '../store/host-pacing';

/** Appointments are at least this far apart, because Temporal gives out at most some 40 single jobs a second (measured). */
const MIN_INTERVAL_MS = 25;
/** A job that would wait longer gets no appointment and asks again now and then, because the jobs before it may be cancelled meanwhile. */
const MAX_APPOINTMENT_MS = 10 * 60_000;
const MIN_DELAY_MS = 500;

/**
 * Delay after which a single job asks again for a host that is too busy now, in ms. Jobs come back one after another, by
 * appointment, and before their deadline.
 * @param leftMs time until the deadline
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
  // Jobs with a nearer deadline are spread over the time before it, or all would come at its end. Each has some more tries this way.
  return Math.round(Math.min(delayMs, Math.max(leftMs * between(0.5, 0.9), MIN_DELAY_MS)));
}

const between = (from: number, to: number): number => from + (to - from) * Math.random();

/**
 * Decides when jobs of a key that is at its limit come back. Jobs of a large backlog ask less often, so that they do not keep the
 * server busy.
 */
export class KeyBackOff {
  readonly #turnedAway = new Map<string, number>();

  /** Delay in ms. It grows with the number of jobs that were turned away since the key last had room. */
  askAgainAfterMs(apiKeyId: string, limit: number): number {
    const waiting = (this.#turnedAway.get(apiKeyId) ?? 0) + 1;
    this.#turnedAway.set(apiKeyId, waiting);
    return Math.min(500 + (waiting / limit) * 100, 15_000) * (0.8 + 0.4 * Math.random());
  }

  /** Resets the delay, because the key has room again. */
  forget(apiKeyId: string): void {
    this.#turnedAway.delete(apiKeyId);
  }
}
