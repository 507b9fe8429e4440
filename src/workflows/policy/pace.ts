const SHORTEST_MS = 1_000;
const LONGEST_MS = 10 * 60_000;
const SHARE_OF_AGE = 0.1;

/**
 * The least time between two rounds of a workflow that is `ageMs` old: a tenth of its age, at most 10 minutes. Over 24 hours
 * that is at most some 210 rounds, whatever the targets do; at 11 events a round the history stays below 2,500 events.
 */
export function paceMs(ageMs: number): number {
  return Math.min(Math.max(ageMs * SHARE_OF_AGE, SHORTEST_MS), LONGEST_MS);
}

/** A last round this long before the end, where the next one would come too late. */
const LAST_CHANCE_MS = 30_000;

/** How long to wait for the next round. @param wantedAtMs when it would be best */
export function untilNextRoundMs(options: {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly wantedAtMs: number;
  readonly deadlineAtMs: number;
}): number {
  const { startedAtMs, nowMs, wantedAtMs, deadlineAtMs } = options;
  const waitMs = Math.max(wantedAtMs - nowMs, paceMs(nowMs - startedAtMs));
  const leftMs = deadlineAtMs - nowMs;
  if (waitMs < leftMs - SHORTEST_MS) return waitMs;
  return Math.max(leftMs > LAST_CHANCE_MS + SHORTEST_MS ? leftMs - LAST_CHANCE_MS : leftMs, SHORTEST_MS);
}
