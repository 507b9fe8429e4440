import { CancellationScope, proxyActivities, startChild, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Activities, BatchEnding, OpenedBatch, ScrapeBatchInput } from '../contracts/workflow-io';
import { chunkWorkflowId } from '../contracts/workflow-ids';
import { GRACE_MS } from '../contracts/time-limits';
import { storeOptions } from './activity-options';
import { endOfLeftOvers } from './policy/ending-of';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { uuidIn, uuidV7 } from './policy/ids';
import { budgetMs } from './policy/time';
import { scrapeChunk } from './scrape-chunk';

const { openBatch, closeChunk, endBatch } = proxyActivities<Activities>(storeOptions);

async function open(input: ScrapeBatchInput): Promise<OpenedBatch & { readonly batchId: string }> {
  const { workflowId, startTime } = workflowInfo();
  const { batchId: given, ...request } = input;
  const { chunks, fanOut, deadlineAtMs } = input;
  if (given !== undefined && chunks !== undefined && fanOut !== undefined && deadlineAtMs !== undefined)
    return { batchId: given, chunks, fanOut, deadlineAtMs };
  const chosen = uuidIn(workflowId, 'batch');
  const own = chosen?.endsWith('ffff') === true ? chosen : uuidV7(startTime.getTime(), uuid4(), 'ffff');
  const batchId = given ?? own;
  const opened = await openBatch({
    batchId,
    startedAtMs: startTime.getTime(),
    ...(input.urls !== undefined && { request }),
  });
  return { batchId, ...opened };
}

/** All URLs of a batch: up to 100 chunks as children, then the sum. */
export async function scrapeBatch(input: ScrapeBatchInput): Promise<BatchEnding> {
  const { batchId, chunks, fanOut, deadlineAtMs } = await open(input);
  const scope = CancellationScope.current();
  const ends: Promise<void>[] = [];

  const close = (chunk: number) => {
    const end = endOfLeftOvers(scope.consideredCancelled, Date.now(), deadlineAtMs);
    return CancellationScope.nonCancellable(() => closeChunk({ batchId, chunk, end }));
  };
  const run = async (chunk: number) => {
    const child = await startChild(scrapeChunk, {
      workflowId: chunkWorkflowId(batchId, chunk),
      args: [{ batchId, chunk, deadlineAtMs, fanOut }],
      workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      staticSummary: `chunk ${chunk + 1} of ${chunks}`,
    });
    // A chunk that was terminated has not closed its URLs; a cancelled one has, and closing again is harmless.
    ends.push(
      child.result().then(
        () => undefined,
        () => close(chunk).then(() => undefined),
      ),
    );
  };

  const numbers = Array.from({ length: chunks }, (_, chunk) => chunk);
  try {
    await forEachLimit(numbers, STARTS_IN_FLIGHT, run);
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
    await Promise.all(numbers.map(close)); // those that were never started
  }
  await Promise.all(ends);
  const ending = await CancellationScope.nonCancellable(() => endBatch({ batchId }));
  if (scope.consideredCancelled) await scope.cancelRequested; // rejects: the workflow shows as cancelled
  return ending;
}
