import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { startChild, workflowInfo } from '@temporalio/workflow';
import type { ChildWorkflowHandle, Workflow } from '@temporalio/workflow';
import { batchDetails, jobDetails } from '../jobs/dashboard-links';
import { searchAttributeNames, searchAttributesOf } from '../jobs/search-attributes';
import type { KeywordPair } from '../jobs/search-attributes';
import { GRACE_MS } from '../jobs/time-limits';
import { jobWorkflowId } from '../jobs/workflow-ids';
import { siblingQueue } from './policy/ids';
import { budgetMs } from './policy/time';
import { scrapeJob } from './scrape-job';
import type { JobEnding, ScrapeChunkInput } from './workflow-io';

/** Tells a run from those of before the failed URLs of the batch were given their time once more, which have the same workflow id. */
export const memoOf = (round: number | undefined): { readonly memo?: { readonly round: number } } =>
  round === undefined ? {} : { memo: { round } };

/**
 * What a child is found by: the same as this workflow, and its host. A workflow that was started without has children without, because then
 * the server may not know the names, and a task with a name that is not known fails.
 */
export function foundByOf(host?: string): { readonly typedSearchAttributes?: KeywordPair[] } {
  const own = workflowInfo().typedSearchAttributes;
  const [batch, key] = (['batch', 'key'] as const).map((field) =>
    own.get({ name: searchAttributeNames[field], type: 'KEYWORD' }),
  );
  if (batch === undefined && key === undefined) return {};
  return { typedSearchAttributes: searchAttributesOf({ host, batch, key }) };
}

/** Link to the batch in the dashboard; nothing where the service has not told its address. */
export const batchDetailsOf = ({
  batchId,
  publicUrl,
}: Pick<ScrapeChunkInput, 'batchId' | 'publicUrl'>): { readonly staticDetails?: string } =>
  publicUrl === undefined ? {} : { staticDetails: batchDetails(publicUrl, batchId) };

interface StartedJob {
  /** How it ended; undefined when it has not told. */
  readonly end: Promise<JobEnding['status'] | undefined>;
}

/**
 * Starts a child `scrapeJob` for a member of a batch and waits until it has started. The promise of its end comes inside an object,
 * because an async function that returns a promise waits for it, and the parent would run only four jobs at a time.
 * @returns undefined when a workflow of this job is open already
 */
export async function startJob(
  member: { readonly jobId: string; readonly url: string; readonly host?: string; readonly startAtMs?: number },
  parent: Pick<ScrapeChunkInput, 'batchId' | 'deadlineAtMs' | 'isRendered' | 'publicUrl' | 'round'>,
): Promise<StartedJob | undefined> {
  const { jobId, url, host, startAtMs } = member;
  const { batchId, deadlineAtMs, isRendered, publicUrl, round } = parent;
  const input = {
    ...{ jobId, url, deadlineAtMs },
    ...(startAtMs !== undefined && { startAtMs }),
    ...(isRendered === true && { isRendered }),
    ...(round !== undefined && { round }),
  };
  const child = await startUnlessOpen(() =>
    startChild(scrapeJob, {
      workflowId: jobWorkflowId(jobId),
      ...{ ...memoOf(round), ...foundByOf(host) },
      taskQueue: siblingQueue(workflowInfo().taskQueue, 'jobs'),
      args: [input],
      workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      staticSummary: url,
      ...(publicUrl !== undefined && { staticDetails: jobDetails(publicUrl, jobId, batchId) }),
    }),
  );
  if (child === undefined) return undefined;
  // The row tells how the job ended. If the child was terminated, the reconciler or the chunk ends the row.
  const end = child.result().then(
    (ending: Partial<JobEnding> | undefined) => ending?.status,
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
