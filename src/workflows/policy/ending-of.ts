import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { EndWithout } from '../../contracts/workflow-io';

/**
 * Why `scrape` is not tried again. Out of time is retry state TIMEOUT, whether it ran out during an attempt or between two.
 * @throws the cause when the request itself was refused (there is no job to end), and anything that is a bug of ours:
 *   that fails the workflow task, which goes on once the bug is fixed
 */
export function endingOf(error: unknown): EndWithout {
  if (isCancellation(error)) return { status: 'cancelled' };
  if (!(error instanceof ActivityFailure)) throw error;
  if (error.retryState === 'TIMEOUT') return { status: 'failed', failReason: 'failed_due_to_timeout' };
  if (error.cause instanceof ApplicationFailure && error.cause.type === 'invalid_request') throw error.cause;
  return { status: 'failed', failReason: 'internal_error' };
}

/** How URLs end that no workflow has ended: their parent was cancelled, their time is over, or someone terminated their workflow. */
export function endOfLeftOvers(isCancelled: boolean, nowMs: number, deadlineAtMs: number): EndWithout {
  if (isCancelled) return { status: 'cancelled' };
  return { status: 'failed', failReason: nowMs >= deadlineAtMs ? 'failed_due_to_timeout' : 'terminated' };
}
