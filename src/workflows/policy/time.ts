import { MAX_TIMEOUT_SEC } from '../../jobs/time-limits';

const MIN_PACE_MS = 1_000;
const MAX_PACE_MS = 10 * 60_000;
const SHARE_OF_AGE = 0.1;

/**
 * The least time between two rounds of a workflow that is `ageMs` old: a tenth of its age, at most 10 minutes. Over 24 hours
 * that is at most some 210 rounds, whatever the targets do; at 11 events a round the history stays below 2,500 events.
 */
export function paceMs(ageMs: number): number {
  return Math.min(Math.max(ageMs * SHARE_OF_AGE, MIN_PACE_MS), MAX_PACE_MS);
}

/** Where the next round would come too late, a last one is made this long before the deadline. */
const LAST_CHANCE_MS = 30_000;

/**
 * How long to wait for the next round, in ms.
 * @param options.wantedAtMs the best time for it, before the pace and the deadline are considered
 */
export function untilNextRoundMs(options: {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly wantedAtMs: number;
  readonly deadlineAtMs: number;
}): number {
  const { startedAtMs, nowMs, wantedAtMs, deadlineAtMs } = options;
  const waitMs = Math.max(wantedAtMs - nowMs, paceMs(nowMs - startedAtMs));
  const leftMs = deadlineAtMs - nowMs;
  if (waitMs < leftMs - MIN_PACE_MS) return waitMs;
  return Math.max(leftMs > LAST_CHANCE_MS + MIN_PACE_MS ? leftMs - LAST_CHANCE_MS : leftMs, MIN_PACE_MS);
}

/** Temporal accepts no time-out of zero, and a job that is late still has to be ended properly. */
const MIN_BUDGET_MS = 1_000;

/** Deadline of a start, in ms since the epoch. A time-out that is out of range is corrected here and refused by the first activity. */
export function deadlineOf(
  input: { readonly deadlineAtMs?: number; readonly timeoutSec?: number },
  startedAtMs: number,
): number {
  const asked = Number(input.timeoutSec ?? MAX_TIMEOUT_SEC);
  const seconds = Number.isFinite(asked) ? Math.min(Math.max(asked, 1), MAX_TIMEOUT_SEC) : MAX_TIMEOUT_SEC;
  return input.deadlineAtMs ?? startedAtMs + seconds * 1_000;
}

/** Time until the deadline, in ms, and never zero. */
export const budgetMs = (deadlineAtMs: number, nowMs: number): number => Math.max(deadlineAtMs - nowMs, MIN_BUDGET_MS);
