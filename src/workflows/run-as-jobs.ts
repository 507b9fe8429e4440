import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ChunkRange } from '../jobs/chunk-range';
import type { Activities, ChunkPage, ScrapePartInput } from './workflow-io';
import { storeOptions } from './activity-options';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { paceMs } from './policy/time';
import { startJob } from './start-child';

const { listChunk, countChunk } = proxyActivities<Activities>(storeOptions);

/** Between two looks at URLs whose workflow belongs to somebody else. */
const FOREIGN_LOOK_MS = 15_000;

/** A workflow per URL: good for small batches, for those who want to watch each, and for what a sweep could not get. */
export async function runAsJobs(
  { batchId, chunk, deadlineAtMs, isRendered }: Omit<ScrapePartInput, 'fromPlace'>,
  pages: AsyncIterable<ChunkPage>,
): Promise<void> {
  const ends: Promise<void>[] = [];
  let isForeign = false;
  for await (const page of pages) {
    await forEachLimit(page.members, STARTS_IN_FLIGHT, async (member) => {
      const started = await startJob(member, deadlineAtMs, isRendered);
      if (started === undefined) isForeign = true;
      else ends.push(started.end);
    });
  }
  await Promise.all(ends);
  if (isForeign) await untilCounted({ batchId, chunk }, deadlineAtMs);
}

/** All pages of a chunk. */
export async function* pagesOf(batchId: string, chunk: number): AsyncGenerator<ChunkPage> {
  let fromPlace: number | undefined = 0;
  while (fromPlace !== undefined) {
    const page: ChunkPage = await listChunk({ batchId, chunk, fromPlace });
    yield page;
    fromPlace = page.nextPlace;
  }
}

/** Waits for URLs whose workflow is not a child of this one. */
export async function untilCounted({ batchId, chunk, chunks }: ChunkRange, deadlineAtMs: number): Promise<void> {
  const startedAtMs = workflowInfo().startTime.getTime();
  while (Date.now() < deadlineAtMs) {
    const counts = await countChunk({ batchId, chunk, ...(chunks !== undefined && { chunks }) });
    if (counts.finished + counts.failed + counts.cancelled === counts.total) return;
    await sleep(Math.max(FOREIGN_LOOK_MS, paceMs(Date.now() - startedAtMs)));
  }
}
