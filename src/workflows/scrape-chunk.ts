import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, proxyActivities, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities, ChunkEnding, ChunkPage, ScrapeChunkInput } from '../contracts/workflow-io';
import { jobWorkflowId } from '../contracts/workflow-ids';
import { GRACE_MS } from '../contracts/time-limits';
import { storeOptions } from './activity-options';
import { endOfLeftOvers } from './policy/ending-of';
import { siblingQueue } from './policy/ids';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { budgetMs } from './policy/time';
import { scrapeJob } from './scrape-job';

const { listChunk, countChunk, closeChunk } = proxyActivities<Activities>(storeOptions);

interface StartedJob {
  readonly end: Promise<void>;
}

/**
 * A child `scrapeJob`, awaited until started. Its end comes inside an object, because a promise that resolves to a promise
 * would wait for the job's end, and the chunk would run four jobs at a time.
 * @returns undefined when a workflow of this job is open already
 */
async function startJob(
  member: { readonly jobId: string; readonly url: string },
  deadlineAtMs: number,
): Promise<StartedJob | undefined> {
  try {
    const child = await startChild(scrapeJob, {
      workflowId: jobWorkflowId(member.jobId),
      taskQueue: siblingQueue(workflowInfo().taskQueue, 'jobs'),
      args: [{ jobId: member.jobId, url: member.url, deadlineAtMs }],
      workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      staticSummary: member.url,
    });
    // However it ends, its row tells; a child that was terminated has none and is closed below.
    const end = child.result().then(
      () => undefined,
      () => undefined,
    );
    return { end };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** A workflow per URL: good for small batches, and for what a sweep could not get. */
async function runAsJobs({ batchId, chunk, deadlineAtMs }: ScrapeChunkInput): Promise<void> {
  const ends: Promise<void>[] = [];
  let foreign = 0;
  let fromPlace: number | undefined = 0;
  while (fromPlace !== undefined) {
    const page: ChunkPage = await listChunk({ batchId, chunk, fromPlace });
    await forEachLimit(page.members, STARTS_IN_FLIGHT, async (member) => {
      const started = await startJob(member, deadlineAtMs);
      if (started === undefined) foreign += 1;
      else ends.push(started.end);
    });
    fromPlace = page.nextPlace;
  }
  await Promise.all(ends);
  while (foreign > 0 && Date.now() < deadlineAtMs) {
    const counts = await countChunk({ batchId, chunk });
    if (counts.finished + counts.failed + counts.cancelled === counts.total) return;
    await sleep('15 seconds');
  }
}

/**
 * Up to 500 URLs of a batch. Before it completes, every one of them has a final row.
 * With `fanOut: 'sweep'` a chunk is to be fetched by one activity for all its URLs; until that exists, every chunk runs
 * a workflow per URL.
 */
export async function scrapeChunk(input: ScrapeChunkInput): Promise<ChunkEnding> {
  const { batchId, chunk, deadlineAtMs } = input;
  const scope = CancellationScope.current();
  try {
    await runAsJobs(input);
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
  }
  const end = endOfLeftOvers(scope.consideredCancelled, Date.now(), deadlineAtMs);
  const ending = await CancellationScope.nonCancellable(() => closeChunk({ batchId, chunk, end }));
  if (scope.consideredCancelled) await scope.cancelRequested; // rejects: the workflow shows as cancelled
  return ending;
}
