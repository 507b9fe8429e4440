import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { EndWithout } from '../workflow-io';

/**
 * Tells from the error of `scrape` how its job ends. When the time is over, the retry state is TIMEOUT, whether it ran out during an
 * attempt or between two.
 * @throws the cause when the request itself was refused (there is no job to end), and anything that is a bug of ours:
 *   that fails the workflow task, which goes on once the bug is fixed
 */
export function endingOf(error: unknown): EndWithout {
  if (isCancellation(error)) return { status: 'cancelled' };
  if (!(error instanceof ActivityFailure)) throw error;
  if (error.retryState === 'TIMEOUT') return { status: 'failed', failReason: 'failed_due_to_timeout' };
  const refusal = refusalIn(error);
  if (refusal !== undefined) throw refusal;
  return { status: 'failed', failReason: 'internal_error' };
}

/** Types of the failures that refuse a start. Clients see them. */
const REFUSALS: readonly unknown[] = ['invalid_request', 'id_already_used'];

/** When an activity refuses the start, the workflow fails with that refusal rather than with “activity task failed”. */
export async function withRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalIn(error) ?? error;
  }
}

function refusalIn(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && REFUSALS.includes(cause.type) ? cause : undefined;
}

/** How URLs end that their own workflow has not ended: the parent was cancelled, the time is over, or someone terminated that workflow. */
export function endOfLeftOvers(isCancelled: boolean, nowMs: number, deadlineAtMs: number): EndWithout {
  if (isCancelled) return { status: 'cancelled' };
  return { status: 'failed', failReason: nowMs >= deadlineAtMs ? 'failed_due_to_timeout' : 'terminated' };
}
