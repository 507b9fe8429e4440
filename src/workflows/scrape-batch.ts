import {
  CancellationScope,
  getExternalWorkflowHandle,
  patched,
  proxyActivities,
  setCurrentDetails,
  startChild,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { chunksOf, chunksPerRange } from '../jobs/chunk-range';
import type { ChunkEnding, ChunkRange } from '../jobs/chunk-range';
import { asksForBrowser } from '../jobs/needs-browser';
import type { Activities, BatchEnding, OpenedBatch, ScrapeBatchInput } from './workflow-io';
import { chunkWorkflowId } from '../jobs/workflow-ids';
import { GRACE_MS } from '../jobs/time-limits';
import { storeOptions } from './activity-options';
import { checkBatchInput } from './policy/check-input';
import { endOfLeftOvers, withRefusals } from './policy/ending-of';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { uuidIn, uuidOfStart, uuidV7, startRunIdOf } from './policy/ids';
import { budgetMs } from './policy/time';
import { untilCounted } from './run-as-jobs';
import { handSignalsOn } from './control';
import { scrapeChunk } from './scrape-chunk';
import { NO_ENDS, batchProgress, sumOf } from './policy/progress';
import { batchDetailsOf, foundByOf, memoOf, startUnlessOpen } from './start-child';

const { openBatch, closeChunk, endBatch } = proxyActivities<Activities>(storeOptions);

type Opened = OpenedBatch & { readonly batchId: string };

async function open(input: ScrapeBatchInput): Promise<Opened> {
  const { workflowId, startTime } = workflowInfo();
  const { batchId: given, round, publicUrl: _, ...request } = input;
  const { chunks, fanOut, deadlineAtMs } = input;
  const startedAtMs = startTime.getTime();
  if ((given ?? undefined) !== undefined) {
    const batchId = given ?? '';
    if (chunks && fanOut && deadlineAtMs) return { batchId, chunks, fanOut, deadlineAtMs, ...roundOf(round) };
    return { batchId, ...(await openBatch({ batchId, startedAtMs })) };
  }
  const uuid = uuidIn(workflowId, 'batch');
  const chosen = uuid?.endsWith('ffff') === true ? uuid : undefined;
  // Before this patch, a start under an id that had been used joined whatever rows existed.
  if (!patched('starts')) {
    const batchId = chosen ?? uuidV7(startedAtMs, uuid4(), 'ffff');
    return { batchId, ...(await openBatch({ batchId, startedAtMs, request })) };
  }
  const startRunId = startRunIdOf(workflowInfo());
  const batchId = chosen ?? uuidOfStart(startedAtMs, startRunId, 'ffff');
  return { batchId, ...(await openBatch({ batchId, startedAtMs, request, startRunId })) };
}

/**
 * Divides a batch among its child workflows: a chunk each, or several when a large batch is swept. Batches that 0.1.0 started go on
 * as they began.
 */
function rangesOf({ batchId, chunks, fanOut, round }: Opened): ChunkRange[] {
  const common = { batchId, ...roundOf(round) };
  const width = fanOut === 'sweep' ? chunksPerRange(chunks) : 1;
  if (width === 1 || !patched('ranges')) return chunksOf({ chunk: 0, chunks }).map((chunk) => ({ ...common, chunk }));
  return Array.from({ length: Math.ceil(chunks / width) }, (_, index) => {
    const chunk = index * width;
    return { ...common, chunk, chunks: Math.min(width, chunks - chunk) };
  });
}

/** Left out the first time, so that inputs look as they always did. */
const roundOf = (round: number | null | undefined): { readonly round?: number } =>
  (round ?? 0) > 0 ? { round: round ?? 0 } : {};

const summaryOf = ({ chunk, chunks = 1 }: ChunkRange): string =>
  chunks === 1 ? `chunk ${chunk + 1}` : `chunks ${chunk + 1} to ${chunk + chunks}`;

/** Fetches all URLs of a batch: its chunks run as child workflows, and their counts are summed at the end. */
export async function scrapeBatch(input: ScrapeBatchInput): Promise<BatchEnding> {
  checkBatchInput(input, workflowInfo());
  const openIds = new Set<string>();
  handSignalsOn(openIds);
  return withRefusals(async () => {
    const opened = await open(input);
    const isRendered = input.isRendered ?? opened.isRendered ?? asksForBrowser(input);
    return run(opened, { isRendered, publicUrl: input.publicUrl }, openIds);
  });
}

interface ForChunks {
  readonly isRendered: boolean;
  readonly publicUrl: string | undefined;
}

/** @param openIds its chunks that have not closed are kept in here */
async function run(opened: Opened, { isRendered, publicUrl }: ForChunks, openIds: Set<string>): Promise<BatchEnding> {
  const { batchId, chunks, fanOut, deadlineAtMs, round } = opened;
  const scope = CancellationScope.current();
  const ends: Promise<void>[] = [];
  const foreign: ChunkRange[] = [];
  const address = publicUrl === undefined ? {} : { publicUrl };

  const close = (range: ChunkRange) => {
    const end = endOfLeftOvers(scope.consideredCancelled, Date.now(), deadlineAtMs);
    return CancellationScope.nonCancellable(() => closeChunk({ ...range, end }));
  };
  const runRange = async (range: ChunkRange) => {
    const workflowId = chunkWorkflowId(batchId, range.chunk);
    // Chunks that run a workflow per URL have nothing to wake; those workflows look at the row by themselves.
    if (fanOut === 'sweep') openIds.add(workflowId);
    const child = await startUnlessOpen(() =>
      startChild(scrapeChunk, {
        workflowId,
        ...{ ...memoOf(round), ...foundByOf() },
        args: [{ ...range, deadlineAtMs, fanOut, ...(isRendered && { isRendered }), ...address }],
        workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
        staticSummary: `${summaryOf(range)} of ${chunks}`,
        ...batchDetailsOf({ batchId, ...address }),
      }),
    );
    if (child === undefined) return void foreign.push(range);
    // A chunk that was terminated has not closed its URLs. A cancelled one has, but closing them again is harmless.
    ends.push(
      child
        .result()
        .then(
          (ending) => ending,
          () => close(range),
        )
        .then(noteEnd)
        .finally(() => openIds.delete(workflowId)),
    );
  };
  /** Waits for chunks that the run before a reset started, because their ends are not reported to this run. */
  const followForeign = async () => {
    try {
      await untilCounted({ batchId, chunk: 0, chunks, ...roundOf(round) }, deadlineAtMs);
    } catch (error) {
      if (!scope.consideredCancelled) throw error;
      const cancel = ({ chunk }: ChunkRange) => getExternalWorkflowHandle(chunkWorkflowId(batchId, chunk)).cancel();
      await CancellationScope.nonCancellable(() => Promise.allSettled(foreign.map(cancel)));
    }
    await Promise.all(foreign.map(close));
  };

  const ranges = rangesOf(opened);
  let [ended, counts] = [0, NO_ENDS];
  const showProgress = () => setCurrentDetails(batchProgress({ total: ranges.length, ended, counts }));
  const noteEnd = (ending: Partial<ChunkEnding> | undefined) => {
    ended += 1;
    counts = sumOf(counts, ending);
    showProgress();
  };
  showProgress();
  try {
    await forEachLimit(ranges, STARTS_IN_FLIGHT, runRange);
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
    await Promise.all(ranges.map(close)); // also those that were never started
  }
  await Promise.all(ends);
  if (foreign.length > 0) await followForeign();
  const isCancelled = scope.consideredCancelled;
  const ending = await CancellationScope.nonCancellable(() =>
    endBatch({ batchId, ...(isCancelled && { isCancelled }), ...roundOf(round) }),
  );
  if (isCancelled) await scope.cancelRequested; // rejects: the workflow shows as cancelled
  return ending;
}
