import { HostBusyError } from './pacing/host-gate';
import type { HostDelay } from './pacing/host-gate';
import type { SweptLane } from './sweep-lane';

/** How long a single job may wait in the pool for its host: it holds an activity, and others need one too. */
const SINGLES_PATIENCE_MS = 5_000;
/** How long a single job may wait that comes for the first time: those that were sent away before go first. */
const NEWCOMERS_PATIENCE_MS = 2_500;
/** Without a pace the wait cannot be foretold, so the number of waiting jobs is limited: to this many times the host's fetches in flight. */
const CROWD = 4;
const CROWD_OF_NEWCOMERS = 2;
/** How long a sweep waits for the next slot of a slow host. With less, that host would be asked less often than it may be. */
const PACE_PATIENCE_MS = 5 * 60_000;
/** A sweep looks again after this when another one of its batch is ahead of it, because that one hands back by then. */
const MAX_DEFER_MS = 10 * 60_000;

/** Whether single jobs that wait for the host are to come back later. */
export const isTooLongForSingles = ({ waitMs }: HostDelay): boolean => waitMs > SINGLES_PATIENCE_MS;

/** Whether the URLs of a sweep that wait for the host are to be set aside. */
export const isTooLongForSweep = ({ waitMs, reason }: HostDelay, { patienceMs }: SweptLane): boolean =>
  waitMs > (reason === 'resting' ? patienceMs : PACE_PATIENCE_MS);

export interface Crowd {
  readonly delay: HostDelay | undefined;
  /** Single jobs that wait for the host already. */
  readonly ahead: number;
  /** Fetches that the host may have in flight. */
  readonly perHost: number;
  /** Whether the job has been sent away before. */
  readonly isReturning: boolean;
}

/** Why a single job cannot wait in the pool for its host; undefined when it can. */
export function whyBusy(host: string, { delay, ahead, perHost, isReturning }: Crowd): HostBusyError | undefined {
  const waitMs = (delay?.waitMs ?? 0) + ahead * (delay?.intervalMs ?? 0);
  if (delay !== undefined && waitMs > (isReturning ? SINGLES_PATIENCE_MS : NEWCOMERS_PATIENCE_MS))
    return new HostBusyError(host, { ...delay, waitMs });
  if (ahead < perHost * (isReturning ? CROWD : CROWD_OF_NEWCOMERS)) return undefined;
  return new HostBusyError(host, { reason: 'crowded', waitMs: 1_000, intervalMs: delay?.intervalMs ?? 0 });
}

/**
 * Tells how long a URL is set aside instead of joining its lane (ms); 0: it joins. The sweeps of one batch over the same
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
