import { MAX_TIMEOUT_SEC } from '../../jobs/time-limits';

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
