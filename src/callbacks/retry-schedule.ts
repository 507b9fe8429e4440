const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, … failed call; the last one repeats until the 72 hours are over. */
const WAITS_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
];
const JITTER = 0.2;

/** A delivery is tried for 72 hours from its beginning, or from its replay. */
export const GIVE_UP_AFTER_MS = 72 * HOUR;
/** A longer `Retry-After` is cut to this. */
const MAX_RETRY_AFTER_MS = 24 * HOUR;

export interface FailedCall {
  /** Calls made so far in this round, at least 1. */
  readonly attempts: number;
  readonly roundStartedAt: Date;
  readonly now: Date;
  /** Pause that the receiver asked for with `Retry-After`. */
  readonly retryAfterMs?: number;
  /** Calls after which the delivery is given up. Undefined: when the 72 hours are over. */
  readonly maxAttempts?: number;
  /** Random number, uniform in [0, 1), for the jitter. */
  readonly random: number;
}

/** @returns the time at which a failed call is made again; undefined when the delivery is given up */
export function nextCallAt({
  attempts,
  roundStartedAt,
  now,
  retryAfterMs = 0,
  maxAttempts = Infinity,
  random,
}: FailedCall): Date | undefined {
  if (attempts >= maxAttempts) return undefined;
  const waitMs = Math.max(jittered(waitAfter(attempts), random), boundedRetryAfter(retryAfterMs));
  const at = now.getTime() + waitMs;
  return at - roundStartedAt.getTime() > GIVE_UP_AFTER_MS ? undefined : new Date(at);
}

/** A probe decides over everything that waits behind it, so pauses between probes do not grow to hours. */
const MAX_PROBE_WAIT_MS = 5 * MINUTE;

/**
 * Computes when a receiver that fails again and again is called the next time.
 * @param options `probes` counts the calls that have failed while it is probed, from 0
 */
export function nextProbeAt(options: {
  readonly probes: number;
  readonly now: Date;
  readonly retryAfterMs?: number;
  readonly random: number;
}): Date {
  const waitMs = Math.min(waitAfter(options.probes + 1), MAX_PROBE_WAIT_MS);
  const asked = boundedRetryAfter(options.retryAfterMs ?? 0);
  return new Date(options.now.getTime() + Math.max(jittered(waitMs, options.random), asked));
}

const waitAfter = (attempts: number): number => WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? 0;
const boundedRetryAfter = (ms: number): number => Math.min(ms, MAX_RETRY_AFTER_MS);
const jittered = (ms: number, random: number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * random));
