import { CancellationScope, patched, proxyActivities, startChild, uuid4, workflowInfo } from '@temporalio/workflow';
import { chunksOf, chunksPerRange } from '../contracts/chunk-range';
import type { ChunkRange } from '../contracts/chunk-range';
import type { FanOut } from '../contracts/fan-out';
import { asksForBrowser } from '../contracts/needs-browser';
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

/** A chunk each, or several to a workflow when a large batch is swept. Batches that 0.1.0 started go on as they began. */
function rangesOf(batchId: string, chunks: number, fanOut: FanOut): ChunkRange[] {
  const width = fanOut === 'sweep' ? chunksPerRange(chunks) : 1;
  if (width === 1 || !patched('ranges')) return chunksOf({ chunk: 0, chunks }).map((chunk) => ({ batchId, chunk }));
  return Array.from({ length: Math.ceil(chunks / width) }, (_, index) => {
    const chunk = index * width;
    return { batchId, chunk, chunks: Math.min(width, chunks - chunk) };
  });
}

const summaryOf = ({ chunk, chunks = 1 }: ChunkRange): string =>
  chunks === 1 ? `chunk ${chunk + 1}` : `chunks ${chunk + 1} to ${chunk + chunks}`;

/** All URLs of a batch: its chunks as children, then the sum. */
export async function scrapeBatch(input: ScrapeBatchInput): Promise<BatchEnding> {
  const { batchId, chunks, fanOut, deadlineAtMs, isRendered: isOpenedRendered } = await open(input);
  const isRendered = input.isRendered ?? isOpenedRendered ?? asksForBrowser(input);
  const scope = CancellationScope.current();
  const ends: Promise<void>[] = [];

  const close = (range: ChunkRange) => {
    const end = endOfLeftOvers(scope.consideredCancelled, Date.now(), deadlineAtMs);
    return CancellationScope.nonCancellable(() => closeChunk({ ...range, end }));
  };
  const run = async (range: ChunkRange) => {
    const child = await startChild(scrapeChunk, {
      workflowId: chunkWorkflowId(batchId, range.chunk),
      args: [{ ...range, deadlineAtMs, fanOut, ...(isRendered && { isRendered }) }],
      workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      staticSummary: `${summaryOf(range)} of ${chunks}`,
    });
    // A chunk that was terminated has not closed its URLs; a cancelled one has, and closing again is harmless.
    ends.push(
      child.result().then(
        () => undefined,
        () => close(range).then(() => undefined),
      ),
    );
  };

  const ranges = rangesOf(batchId, chunks, fanOut);
  try {
    await forEachLimit(ranges, STARTS_IN_FLIGHT, run);
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
    await Promise.all(ranges.map(close)); // those that were never started
  }
  await Promise.all(ends);
  const ending = await CancellationScope.nonCancellable(() => endBatch({ batchId }));
  if (scope.consideredCancelled) await scope.cancelRequested; // rejects: the workflow shows as cancelled
  return ending;
}
