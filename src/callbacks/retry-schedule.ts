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

/** A delivery is tried for so long from its beginning, or from its replay. */
export const GIVE_UP_AFTER_MS = 72 * HOUR;
/** Longer is not waited for a receiver that asks for patience. */
const LONGEST_RETRY_AFTER_MS = 24 * HOUR;

export interface FailedCall {
  /** Calls made so far in this round, at least 1. */
  readonly attempts: number;
  readonly roundStartedAt: Date;
  readonly now: Date;
  /** What the receiver asked for. */
  readonly retryAfterMs?: number;
  /** After so many calls it is given up; undefined: when the 72 hours are over. */
  readonly maxAttempts?: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** When a call that failed is made again; undefined when it is given up. */
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

/** Of a receiver that is probed: a call is at stake for all that waits behind it, so hours are too long. */
const LONGEST_PROBE_WAIT_MS = 5 * MINUTE;

/**
 * When a receiver that fails again and again is called the next time.
 * @param probes calls that failed since it is probed, from 0
 */
export function nextProbeAt(options: {
  readonly probes: number;
  readonly now: Date;
  readonly retryAfterMs?: number;
  readonly random: number;
}): Date {
  const waitMs = Math.min(waitAfter(options.probes + 1), LONGEST_PROBE_WAIT_MS);
  const asked = boundedRetryAfter(options.retryAfterMs ?? 0);
  return new Date(options.now.getTime() + Math.max(jittered(waitMs, options.random), asked));
}

const waitAfter = (attempts: number): number => WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? 0;
const boundedRetryAfter = (ms: number): number => Math.min(ms, LONGEST_RETRY_AFTER_MS);
const jittered = (ms: number, random: number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * random));
