import {
  CancellationScope,
  patched,
  proxyActivities,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { PART_URLS } from '../jobs/chunk-range';
import type { ChunkEnding } from '../jobs/chunk-range';
import { GRACE_MS } from '../jobs/time-limits';
import { partWorkflowId } from '../jobs/workflow-ids';
import { storeOptions } from './activity-options';
import { countResumes } from './control';
import { checkChunkInput, checkPartInput } from './policy/check-input';
import { endOfLeftOvers, withRefusals } from './policy/ending-of';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { rangeProgress } from './policy/progress';
import { budgetMs } from './policy/time';
import { pagesOf, runAsJobs, untilCounted } from './run-as-jobs';
import { runSweeps } from './run-sweeps';
import { batchDetailsOf, foundByOf, memoOf, startUnlessOpen } from './start-child';
import type { Activities, ScrapeChunkInput, ScrapePartInput } from './workflow-io';

const { countChunk, listChunk, closeChunk } = proxyActivities<Activities>(storeOptions);

/**
 * Runs a workflow per URL. A chunk larger than one part is divided among child workflows, because one history could not hold all
 * events.
 */
async function runJobs(input: ScrapeChunkInput): Promise<void> {
  const { batchId, chunk, deadlineAtMs, isRendered, publicUrl, round } = input;
  const range = { batchId, chunk, ...(round !== undefined && { round }) };
  const { total } = await countChunk(range);
  if (total <= PART_URLS) return runAsJobs(input, pagesOf(range));
  const starts = Array.from({ length: Math.ceil(total / PART_URLS) }, (_, part) => part * PART_URLS);
  const ends: Promise<unknown>[] = [];
  let isForeign = false;
  let ended = 0;
  const showProgress = () => setCurrentDetails(`${ended} of ${starts.length} parts of ${total} URLs have ended.`);
  showProgress();
  await forEachLimit(starts, STARTS_IN_FLIGHT, async (fromPlace) => {
    const child = await startUnlessOpen(() =>
      startChild(scrapePart, {
        workflowId: partWorkflowId(batchId, chunk, fromPlace),
        args: [
          {
            ...{ ...range, deadlineAtMs, fromPlace },
            ...(isRendered === true && { isRendered }),
            ...(publicUrl !== undefined && { publicUrl }),
          },
        ],
        ...{ ...memoOf(round), ...foundByOf(), ...batchDetailsOf(input) },
        workflowExecutionTimeout: budgetMs(deadlineAtMs, Date.now()) + GRACE_MS,
      }),
    );
    // A part that was terminated leaves URLs behind, which `run` closes.
    if (child === undefined) isForeign = true;
    else
      ends.push(
        child
          .result()
          .catch(() => undefined)
          .then(() => {
            ended += 1;
            showProgress();
          }),
      );
  });
  await Promise.all(ends);
  if (isForeign) await untilCounted(range, deadlineAtMs);
}

/** Fetches a chunk of up to 500 URLs, or a range of chunks when a large batch is swept. When it completes, every URL has a final row. */
export async function scrapeChunk(input: ScrapeChunkInput): Promise<ChunkEnding> {
  checkChunkInput(input, workflowInfo());
  return withRefusals(() => run(input));
}

async function run(input: ScrapeChunkInput): Promise<ChunkEnding> {
  const { batchId, chunk, chunks, deadlineAtMs, fanOut, round } = input;
  const range = { batchId, chunk, ...(chunks !== undefined && { chunks }), ...(round !== undefined && { round }) };
  const resumes = countResumes();
  const scope = CancellationScope.current();
  try {
    // Before this patch, all chunks ran a workflow per URL.
    if (!patched('sweeps')) await runAsJobs(input, pagesOf(range));
    else if (fanOut === 'jobs') await runJobs(input);
    else {
      const counts = await runSweeps(input, resumes);
      if (counts !== undefined && counts.finished + counts.failed + counts.cancelled === counts.total) return counts;
    }
  } catch (error) {
    if (!scope.consideredCancelled) throw error;
  }
  const end = endOfLeftOvers(scope.consideredCancelled, Date.now(), deadlineAtMs);
  const ending = await CancellationScope.nonCancellable(() => closeChunk({ ...range, end }));
  setCurrentDetails(rangeProgress(ending));
  if (scope.consideredCancelled) await scope.cancelRequested; // rejects: the workflow shows as cancelled
  return ending;
}

/** Fetches up to 100 URLs of a chunk with a workflow each. The chunk closes what is left when this ends. */
export async function scrapePart(input: ScrapePartInput): Promise<void> {
  checkPartInput(input, workflowInfo());
  const { batchId, chunk, fromPlace, round } = input;
  async function* page() {
    yield await listChunk({ batchId, chunk, fromPlace, ...(round !== undefined && { round }) });
  }
  await withRefusals(() => runAsJobs(input, page()));
}
