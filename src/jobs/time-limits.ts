/** Free of zod, so that workflow code can use it. */

/** The longest that a job may keep trying, and what it gets when nothing else is asked for. */
export const MAX_TIMEOUT_SEC = 86_400;

/** Between the end of trying and the execution time-out. The latter must never end a job: no workflow code runs then. */
export const GRACE_MS = 10 * 60_000;

/** When the trying ends of what was submitted at `createdAt`. */
export const deadlineAfter = (createdAt: Date, timeoutSec: number | null | undefined): Date =>
  new Date(createdAt.getTime() + (timeoutSec ?? MAX_TIMEOUT_SEC) * 1_000);
