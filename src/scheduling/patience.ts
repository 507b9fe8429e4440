import { HostBusyError } from './pacing/host-gate';
import type { HostDelay } from './pacing/host-gate';
import type { SweptLane } from './sweep-lane';

/** Time that a single job may wait in the pool for its host (ms), because it holds an activity that others need, too. */
const SINGLES_PATIENCE_MS = 5_000;
/** Time that a single job may wait when it comes for the first time (ms). It is shorter, because jobs that were sent away go first. */
const NEWCOMERS_PATIENCE_MS = 2_500;
/** Waiting jobs per fetch that the host may have in flight. Their number is limited, because without a pace the wait is not known. */
const CROWD = 4;
const CROWD_OF_NEWCOMERS = 2;
/** Time that a sweep waits for the next slot of a slow host (ms). With less, the host would be asked less often than it may be. */
const PACE_PATIENCE_MS = 5 * 60_000;
/** Time after which a sweep tries again when another one of its batch is ahead of it (ms), because that one has ended by then. */
const MAX_DEFER_MS = 10 * 60_000;

/** Whether single jobs that wait for the host have to come back later. */
export const isTooLongForSingles = ({ waitMs }: HostDelay): boolean => waitMs > SINGLES_PATIENCE_MS;

/** Whether the URLs of a sweep that wait for the host have to be set aside. */
export const isTooLongForSweep = ({ waitMs, reason }: HostDelay, { patienceMs }: SweptLane): boolean =>
  waitMs > (reason === 'resting' ? patienceMs : PACE_PATIENCE_MS);

export interface Crowd {
  readonly delay: HostDelay | undefined;
  /** Single jobs that already wait for the host. */
  readonly ahead: number;
  /** Fetches that the host may have in flight. */
  readonly perHost: number;
  /** Whether the job has been sent away before. */
  readonly isReturning: boolean;
}

/** Returns the reason why a single job cannot wait in the pool for its host; undefined when it can. */
export function whyBusy(host: string, { delay, ahead, perHost, isReturning }: Crowd): HostBusyError | undefined {
  const waitMs = (delay?.waitMs ?? 0) + ahead * (delay?.intervalMs ?? 0);
  if (delay !== undefined && waitMs > (isReturning ? SINGLES_PATIENCE_MS : NEWCOMERS_PATIENCE_MS))
    return new HostBusyError(host, { ...delay, waitMs });
  if (ahead < perHost * (isReturning ? CROWD : CROWD_OF_NEWCOMERS)) return undefined;
  return new HostBusyError(host, { reason: 'crowded', waitMs: 1_000, intervalMs: delay?.intervalMs ?? 0 });
}

/**
 * Returns for how long a URL is set aside instead of joining its lane (ms), 0 when it joins. The sweeps of one batch over the same
 * slow host work one after another, because each holds an activity.
 */
export function deferMsFor(host: string, delay: HostDelay, lane: SweptLane, lanesOfBatch: Iterable<SweptLane>): number {
  if (isTooLongForSweep(delay, lane)) return delay.waitMs;
  if (delay.intervalMs === 0) return 0;
  let ahead = 0;
  for (const each of lanesOfBatch) {
    const waiting = each.waitingFor(host);
    if (waiting > 0 && each === lane) return 0;
    ahead += waiting;
  }
  const waitMs = ahead * delay.intervalMs;
  return waitMs > lane.patienceMs ? Math.min(waitMs, MAX_DEFER_MS) : 0;
}
