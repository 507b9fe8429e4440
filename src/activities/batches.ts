import type { Activities, BatchEnding } from '../workflows/workflow-io';
import type { ChunkEnding, ChunkRange } from '../jobs/chunk-range';
import { chunksOf } from '../jobs/chunk-range';
import { CHUNK_URLS, batchMemberId } from '../jobs/job-id';
import { needsBrowser } from '../jobs/needs-browser';
import { urlSummary } from '../jobs/workflow-start';
import { hostOf } from '../net/host-of';
import { chunkCount, findBatch } from '../store/batches';
import { chunkCounts, findUnfinishedMembers } from '../store/chunks';
import { findJob } from '../store/jobs';
import { endBatch } from '../store/end-batch';
import { retryTransient } from '../store/retry-transient';
import { endJobs } from '../store/write-outcomes';
import type { WorkOf } from './as-activity';
import { notFoundFailure } from './failures';
import { openBatchRows } from './open-batch';
import type { OpenBatchDeps } from './open-batch';

export interface BatchDeps extends OpenBatchDeps {
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Members listed per call. With shortened URLs they stay far below Temporal's payload limit of 2 MiB. */
const MAX_LISTED = 100;

type BatchWork = {
  readonly [Name in 'openBatch' | 'endBatch' | 'listChunk' | 'countChunk' | 'closeChunk']: WorkOf<Activities[Name]>;
};

/** Activities with which the batch and chunk workflows read and write their rows. */
export function createBatchActivities(deps: BatchDeps): BatchWork {
  const { database } = deps;

  async function countChunk(range: ChunkRange): Promise<ChunkEnding> {
    const counts = await chunkCounts(database, range.batchId, chunksOf(range));
    if (counts === undefined) throw notFoundFailure(range.batchId);
    const { round, ...ending } = counts;
    // What runs again now had failed for a workflow of before.
    const { total, finished, cancelled } = ending;
    return round === (range.round ?? 0) ? ending : { ...ending, failed: total - finished - cancelled };
  }

  /** A workflow of before its failed URLs were given their time once more must not end them. */
  async function findOwnMembers(range: ChunkRange, places: { readonly fromPlace: number; readonly limit: number }) {
    const jobs = await findUnfinishedMembers(database, range.batchId, range.chunk, places);
    return jobs.filter(({ round = 0 }) => round === (range.round ?? 0));
  }

  return {
    async openBatch({ workflowId }, { batchId, request, startedAtMs, startRunId }) {
      if (request !== undefined) await openBatchRows(deps, { batchId, workflowId, request, startedAtMs, startRunId });
      const batch = await findBatch(database, batchId);
      if (batch === undefined) throw notFoundFailure(batchId);
      // The stored options decide, because parameters may have been left out of them.
      const first = request === undefined ? undefined : await findJob(database, batchMemberId(batchId, 0));
      return {
        chunks: chunkCount(batch.total),
        fanOut: batch.fanOut,
        deadlineAtMs: batch.deadlineAt.getTime(),
        ...(batch.retryRounds > 0 && { round: batch.retryRounds }),
        ...(first !== undefined && { isRendered: needsBrowser(first.options.apiParams ?? {}) }),
      };
    },
    async endBatch(_context, { batchId, isCancelled = false, round = 0 }): Promise<BatchEnding> {
      const ended = await endBatch(database, batchId, { isCancelled, round });
      if (ended === undefined) throw notFoundFailure(batchId);
      deps.onDeliveries(ended.endpointIds);
      const { total, finished, failed, cancelled } = ended.batch;
      return { batchId, total, finished, failed, cancelled };
    },
    async listChunk(_context, { fromPlace, ...range }) {
      const { total } = await countChunk(range);
      const jobs = await findOwnMembers(range, { fromPlace, limit: MAX_LISTED });
      const members = jobs.map((job) => ({ jobId: job.id, url: urlSummary(job.url), host: hostOf(job.url) }));
      const nextPlace = fromPlace + MAX_LISTED;
      return nextPlace < total ? { members, nextPlace } : { members };
    },
    countChunk: (_context, range) => countChunk(range),
    async closeChunk(_context, { end, ...range }) {
      for (const chunk of chunksOf(range)) {
        const everyone = { fromPlace: 0, limit: CHUNK_URLS };
        const jobs = await findOwnMembers({ ...range, chunk }, everyone);
        const ends = jobs.map((job) => ({ job, attempts: job.attempts, ...end }));
        const { endpointIds } = await retryTransient(() => endJobs(database, ends));
        if (endpointIds.length > 0) deps.onDeliveries(endpointIds);
      }
      return countChunk(range);
    },
  };
}
