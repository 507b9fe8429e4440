/**
 * A URL that comes due within this time after the sweep has tried all is fetched again by the same sweep, which costs Temporal
 * nothing: the first four tries, as a rule.
 */
export const HORIZON_MS = 15_000;

/** A sweep hands back after this time, whatever is left: one slow site must not hold an activity for a day. */
export const SHIFT_MS = 10 * 60_000;

const MIN_ATTEMPTS_PROMOTED = 5;
const MAX_PROMOTED = 25;

interface Rest {
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
}

/**
 * Finds when the next sweep is worth its cost. URLs that failed together are due again within ± 20 % of the same delay, so the sweep waits
 * for the last of them. The time is in ms since the epoch; it is undefined when nothing is left.
 */
export function nextSweepAtMs(rest: readonly Rest[], nowMs: number): number | undefined {
  if (rest.length === 0) return undefined;
  const first = rest.reduce((earliest, { nextAttemptAtMs }) => Math.min(earliest, nextAttemptAtMs), Infinity);
  const until = first + Math.max(first - nowMs, 0) / 2;
  return rest.reduce((latest, { nextAttemptAtMs: at }) => (at <= until ? Math.max(latest, at) : latest), first);
}

/**
 * The URLs that deserve a workflow of their own: they failed for about half a minute, and they are few. While many are in trouble
 * the site is probably down, and a workflow each would cost the Temporal server a hundred times what sweeping them costs.
 */
export function promotableOf<T extends Rest>(rest: readonly T[]): readonly T[] {
  return rest.length > MAX_PROMOTED ? [] : rest.filter(({ attempts }) => attempts >= MIN_ATTEMPTS_PROMOTED);
}
