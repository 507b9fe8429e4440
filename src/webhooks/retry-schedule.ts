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
const GIVE_UP_AFTER_MS = 72 * HOUR;
const JITTER = 0.2;

/**
 * When a call that failed is made again; undefined when its 72 hours are over.
 * @param attempts calls made so far, at least 1
 * @param random uniform in [0, 1)
 */
export function nextCallAt(options: {
  readonly attempts: number;
  readonly createdAt: Date;
  readonly now: Date;
  readonly random: number;
}): Date | undefined {
  const base = WAITS_MS[Math.min(options.attempts, WAITS_MS.length) - 1] ?? 0;
  const at = options.now.getTime() + Math.round(base * (1 - JITTER + 2 * JITTER * options.random));
  return at - options.createdAt.getTime() > GIVE_UP_AFTER_MS ? undefined : new Date(at);
}
