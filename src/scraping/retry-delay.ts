import { backOffMs } from '../fetch/escalation';

const SHORT_MS = 2_000;
/** A `Retry-After` within these bounds is believed. */
const MIN_RETRY_AFTER_MS = 1_000;
const MAX_RETRY_AFTER_MS = 60 * 60_000;
/** Failures after which the target's own word counts more than our back-off. */
const OBEYED_FAILURES = 3;
const JITTER = 0.2;
/** Where the next attempt would come too late, a last one is made this long before the deadline. */
const LAST_CHANCE_MS = 30_000;
const CONFIRM_AFTER_MS = 60_000;
const CONFIRMATION_JITTER = 0.1;

export interface RetryDelayOptions {
  /** Attempts so far, at least 1. */
  readonly attempts: number;
  /** The target's `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** Time until the deadline of the job. */
  readonly leftMs: number;
  /** Random number, uniform in [0, 1). */
  readonly random: number;
}

/**
 * Milliseconds until the next attempt: 1 s doubling to 30 min, ± 20 %. A `Retry-After` of the target (1 s to 1 h) is obeyed as
 * given after each of the first three failures, also when it is shorter, and from then on when it is longer. A wait that would
 * outlast the job is cut so that one more try fits, unless the target asked for it.
 */
export function retryDelayMs({ attempts, retryAfterMs = 0, leftMs, random }: RetryDelayOptions): number {
  const ours = Math.round(backOffMs(attempts) * (1 - JITTER + 2 * JITTER * random));
  const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  const isObeyed = asked >= MIN_RETRY_AFTER_MS && attempts <= OBEYED_FAILURES;
  if (isObeyed || asked >= ours) return asked;
  return withinTime(ours, leftMs);
}

/**
 * Milliseconds until the attempt that confirms a 402 or 451: a minute, and up to a tenth more, so that the URLs of a batch do not
 * come back all at once. It is shortened as {@link retryDelayMs} is.
 */
export function confirmationDelayMs({ leftMs, random }: Pick<RetryDelayOptions, 'leftMs' | 'random'>): number {
  return withinTime(Math.round(CONFIRM_AFTER_MS * (1 + CONFIRMATION_JITTER * random)), leftMs);
}

function withinTime(waitMs: number, leftMs: number): number {
  if (waitMs < leftMs) return waitMs;
  return Math.max(leftMs - LAST_CHANCE_MS, Math.min(waitMs, SHORT_MS));
}
