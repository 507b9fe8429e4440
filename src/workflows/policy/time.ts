/** The longest that a job may keep trying. */
export const MAX_TIMEOUT_SEC = 86_400;

/** Between the end of trying and the execution time-out. The latter must never end a job: no workflow code runs then. */
export const GRACE_MS = 10 * 60_000;

/** Temporal takes no time-out of zero, and a job that is late still deserves its ending. */
const MIN_BUDGET_MS = 1_000;

export function deadlineOf(
  input: { readonly deadlineAtMs?: number; readonly timeoutSec?: number },
  startedAtMs: number,
): number {
  const asked = Number(input.timeoutSec ?? MAX_TIMEOUT_SEC);
  const seconds = Number.isFinite(asked) ? Math.min(Math.max(asked, 1), MAX_TIMEOUT_SEC) : MAX_TIMEOUT_SEC;
  return input.deadlineAtMs ?? startedAtMs + seconds * 1_000;
}

export const budgetMs = (deadlineAtMs: number, nowMs: number): number => Math.max(deadlineAtMs - nowMs, MIN_BUDGET_MS);
