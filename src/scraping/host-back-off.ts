import type { HostBusyError } from '../scheduling/pacing/host-gate';
import { makeAppointment } from '../store/host-pacing';
import type { Queryable } from '../store/database';

/** Temporal gives out some 40 single jobs a second at most (measured): closer together they would only wait there. */
const SHORTEST_INTERVAL_MS = 25;
/** Jobs that are so far back look in now and then instead: what is before them may be cancelled meanwhile. */
const LONGEST_MS = 10 * 60_000;
const SOONEST_MS = 500;

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
    intervalMs: Math.max(intervalMs, SHORTEST_INTERVAL_MS),
    atMostMs: LONGEST_MS,
  });
  const delayMs = Math.max(appointed ?? waitMs + LONGEST_MS * between(0.5, 1), SOONEST_MS);
  // Those whose time is over before would all come at its end. So they do not, and each has some more tries.
  return Math.round(Math.min(delayMs, Math.max(leftMs * between(0.5, 0.9), SOONEST_MS)));
}

const between = (from: number, to: number): number => from + (to - from) * Math.random();
