import { backOffMs } from '../fetch/escalation';

const SHORTEST_MS = 2_000;
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;
const JITTER = 0.2;
/** A last try this long before the end, where the next one would come too late. */
const LAST_CHANCE_MS = 30_000;

export interface RetryDelayOptions {
  /** Fetches so far, at least 1. */
  readonly attempts: number;
  /** What the target asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Until the job's time is over. */
  readonly leftMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/**
 * Milliseconds until the next attempt: 2 s doubling to 30 min, ± 20 %, or the target's `Retry-After` when that is longer
 * (at most 1 h). A wait that would outlast the job is cut so that one more try fits, unless the target asked for it.
 */
export function retryDelayMs({ attempts, retryAfterMs = 0, leftMs, random }: RetryDelayOptions): number {
  const ours = Math.round(backOffMs(attempts) * (1 - JITTER + 2 * JITTER * random));
  const asked = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
  if (asked >= ours) return asked;
  if (ours < leftMs) return ours;
  return Math.max(leftMs - LAST_CHANCE_MS, Math.min(ours, SHORTEST_MS));
}
