import { proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { ChunkRange } from '../jobs/chunk-range';
import type { Activities, ChunkPage, ScrapePartInput } from './workflow-io';
import { storeOptions } from './activity-options';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { NO_ENDS, jobsProgress, sumOf } from './policy/progress';
import { paceMs } from './policy/time';
import { startJob } from './start-child';

const { listChunk, countChunk } = proxyActivities<Activities>(storeOptions);

/** Least time between two looks at URLs whose workflows are not children of this one. */
const FOREIGN_LOOK_MS = 15_000;
const MIN_LOOK_MS = 1_000;

/** Runs a workflow per URL. That suits small batches, and people who want to watch each URL. */
export async function runAsJobs(
  input: Omit<ScrapePartInput, 'fromPlace'>,
  pages: AsyncIterable<ChunkPage>,
): Promise<void> {
  const { batchId, chunk, deadlineAtMs, round } = input;
  const ends: Promise<void>[] = [];
  let isForeign = false;
  let [total, ended, counts] = [0, 0, NO_ENDS];
  const showProgress = () => setCurrentDetails(jobsProgress({ total, ended, counts }));
  for await (const page of pages) {
    total += page.members.length;
    showProgress();
    await forEachLimit(page.members, STARTS_IN_FLIGHT, async (member) => {
      const started = await startJob(member, input);
      if (started === undefined) isForeign = true;
      else
        ends.push(
          started.end.then((status) => {
            ended += 1;
            if (status !== undefined) counts = sumOf(counts, { [status]: 1 });
            showProgress();
          }),
        );
    });
  }
  await Promise.all(ends);
  if (isForeign) await untilCounted({ batchId, chunk, ...(round !== undefined && { round }) }, deadlineAtMs);
}

/** Lists the members of a chunk page by page. */
export async function* pagesOf(range: Pick<ChunkRange, 'batchId' | 'chunk' | 'round'>): AsyncGenerator<ChunkPage> {
  const { batchId, chunk, round } = range;
  let fromPlace: number | undefined = 0;
  while (fromPlace !== undefined) {
    const page: ChunkPage = await listChunk({ batchId, chunk, fromPlace, ...(round !== undefined && { round }) });
    yield page;
    fromPlace = page.nextPlace;
  }
}

/** Waits for URLs whose workflows are not children of this one. */
export async function untilCounted({ batchId, chunk, chunks, round }: ChunkRange, deadlineAtMs: number): Promise<void> {
  const range = { batchId, chunk, ...(chunks !== undefined && { chunks }), ...(round !== undefined && { round }) };
  const startedAtMs = workflowInfo().startTime.getTime();
  while (Date.now() < deadlineAtMs) {
    const counts = await countChunk(range);
    if (counts.finished + counts.failed + counts.cancelled === counts.total) return;
    const waitMs = Math.max(FOREIGN_LOOK_MS, paceMs(Date.now() - startedAtMs));
    await sleep(Math.min(waitMs, Math.max(deadlineAtMs - Date.now(), MIN_LOOK_MS)));
  }
}
