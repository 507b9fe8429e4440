// This file does not import zod, so that workflow code can use it.

/** Longest time that a job may be tried, in seconds; also the default. */
export const MAX_TIMEOUT_SEC = 86_400;

/**
 * Time between the deadline of a job and the execution time-out of its workflow. The time-out must never end a job, because no
 * workflow code runs after it.
 */
export const GRACE_MS = 10 * 60_000;

/** Deadline of a job that was submitted at `createdAt`. */
export const deadlineAfter = (createdAt: Date, timeoutSec: number | null | undefined): Date =>
  new Date(createdAt.getTime() + (timeoutSec ?? MAX_TIMEOUT_SEC) * 1_000);
