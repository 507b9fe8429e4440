import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { startChild, workflowInfo } from '@temporalio/workflow';
import type { ChildWorkflowHandle, Workflow } from '@temporalio/workflow';
import { GRACE_MS } from '../jobs/time-limits';
import { jobWorkflowId } from '../jobs/workflow-ids';
import { siblingQueue } from './policy/ids';
import { budgetMs } from './policy/time';
import { scrapeJob } from './scrape-job';
import type { ScrapeChunkInput } from './workflow-io';

/** Tells a run from those of before the failed URLs of the batch were given their time once more, which have the same workflow id. */
export const memoOf = (round: number | undefined): { readonly memo?: { readonly round: number } } =>
  round === undefined ? {} : { memo: { round } };

interface StartedJob {
  readonly end: Promise<void>;
}

/**
 * Starts a child `scrapeJob` for a member of a batch and waits until it has started. The promise of its end comes inside an object,
 * because an async function that returns a promise waits for it, and the parent would run only four jobs at a time.
 * @returns undefined when a workflow of this job is open already
 */
export async function startJob(
  member: { readonly jobId: string; readonly url: string; readonly startAtMs?: number },
  { deadlineAtMs, isRendered, round }: Pick<ScrapeChunkInput, 'deadlineAtMs' | 'isRendered' | 'round'>,
): Promise<StartedJob | undefined> {
  const { jobId, url, startAtMs } = member;
  const input = {
    ...{ jobId, url, deadlineAtMs },
    ...(startAtMs !== undefined && { startAtMs }),
    ...(isRendered === true && { isRendered }),
    ...(round !== undefined && { round }),
  };
  const child = await startUnlessOpen(() =>
    startChild(scrapeJob, {
      workflowId: jobWorkflowId(jobId),
      ...memoOf(round),
      taskQueue: siblingQueue(workflowInfo().taskQueue, 'jobs'),
      args: [input],
      workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      staticSummary: url,
    }),
  );
  if (child === undefined) return undefined;
  // The row tells how the job ended. If the child was terminated, the reconciler or the chunk ends the row.
  const end = child.result().then(
    () => undefined,
    () => undefined,
  );
  return { end };
}

/**
 * Waits until a child has started. After a reset, the children of the abandoned run are still open and block their ids.
 * @param start calls `startChild`
 * @returns undefined when a workflow with this id is open already
 */
export async function startUnlessOpen<T extends Workflow>(
  start: () => Promise<ChildWorkflowHandle<T>>,
): Promise<ChildWorkflowHandle<T> | undefined> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}
