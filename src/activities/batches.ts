import type { Activities, BatchEnding, ChunkEnding, ScrapeBatchInput } from '../contracts/workflow-io';
import type { ApiParams } from '../contracts/api-params';
import type { PriceList } from '../contracts/prices';
import { chunksOf } from '../contracts/chunk-range';
import type { ChunkRange } from '../contracts/chunk-range';
import { CHUNK_URLS, MAX_BATCH_URLS, batchMemberId } from '../contracts/job-id';
import { needsBrowser } from '../contracts/needs-browser';
import { BatchOptions } from '../contracts/batch-options';
import { pathOf, urlProblems } from '../contracts/check-request';
import { withoutEmptyFields } from '../contracts/given-params';
import { adoptBatch } from '../store/accept';
import { deadlineAfter } from '../contracts/time-limits';
import { urlSummary } from '../contracts/url-summary';
import { chunkCount, findBatch } from '../store/batches';
import type { FanOut } from '../contracts/fan-out';
import { chunkCounts, findUnfinishedMembers } from '../store/chunks';
import type { Database } from '../store/database';
import { findJob } from '../store/jobs';
import { endBatch } from '../store/end-batch';
import { patiently } from '../store/patiently';
import { endJobs } from '../store/write-outcomes';
import { checkedOptions, ownerKeyId } from './open-job';
import type { CheckDeps } from './open-job';
import { invalidRequestFailure, jobNotFoundFailure, toFailure } from './failures';

export interface BatchDeps extends CheckDeps {
  readonly priceList: PriceList;
  readonly database: Database;
  readonly fanOutOf: (urls: number) => FanOut;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/** Members listed per call: with their URLs cut, far below Temporal's payload limit of 2 MiB. */
const LISTED = 100;

type BatchActivities = Pick<Activities, 'openBatch' | 'endBatch' | 'listChunk' | 'countChunk' | 'closeChunk'>;

/** What the batch and chunk workflows ask of the rows. */
export function createBatchActivities(deps: BatchDeps): BatchActivities {
  const { database } = deps;

  async function countChunk(range: ChunkRange): Promise<ChunkEnding> {
    const counts = await chunkCounts(database, range.batchId, chunksOf(range));
    if (counts === undefined) throw jobNotFoundFailure(range.batchId);
    return counts;
  }

  const activities: BatchActivities = {
    async openBatch({ batchId, request, startedAtMs }) {
      if (request !== undefined) await createRows(deps, batchId, request, new Date(startedAtMs));
      const batch = await findBatch(database, batchId);
      if (batch === undefined) throw jobNotFoundFailure(batchId);
      // What its options say by now: parameters may have been left out.
      const first = request === undefined ? undefined : await findJob(database, batchMemberId(batchId, 0));
      return {
        chunks: chunkCount(batch.total),
        fanOut: batch.fanOut,
        deadlineAtMs: batch.deadlineAt.getTime(),
        ...(first !== undefined && { isRendered: needsBrowser(first.options.apiParams ?? {}) }),
      };
    },
    async endBatch({ batchId }): Promise<BatchEnding> {
      const ended = await endBatch(database, batchId);
      if (ended === undefined) throw jobNotFoundFailure(batchId);
      deps.onDeliveries(ended.endpointIds);
      const { total, finished, failed, cancelled } = ended.batch;
      return { batchId, total, finished, failed, cancelled };
    },
    async listChunk({ batchId, chunk, fromPlace }) {
      const { total } = await countChunk({ batchId, chunk });
      const jobs = await findUnfinishedMembers(database, batchId, chunk, { fromPlace, limit: LISTED });
      const members = jobs.map((job) => ({ jobId: job.id, url: urlSummary(job.url) }));
      const nextPlace = fromPlace + LISTED;
      return nextPlace < total ? { members, nextPlace } : { members };
    },
    countChunk,
    async closeChunk({ end, ...range }) {
      for (const chunk of chunksOf(range)) {
        const everyone = { fromPlace: 0, limit: CHUNK_URLS };
        const jobs = await findUnfinishedMembers(database, range.batchId, chunk, everyone);
        const ends = jobs.map((job) => ({ job, attempts: job.attempts, ...end }));
        const { endpointIds } = await patiently(() => endJobs(database, ends));
        if (endpointIds.length > 0) deps.onDeliveries(endpointIds);
      }
      return countChunk(range);
    },
  };
  return Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [name, mapped(run as never)]),
  ) as unknown as BatchActivities;
}

/** Errors leave through the one door. */
function mapped<A, R>(run: (input: A) => Promise<R>): (input: A) => Promise<R> {
  return async (input) => {
    try {
      return await run(input);
    } catch (error) {
      throw toFailure(error);
    }
  };
}

async function createRows(
  deps: BatchDeps,
  batchId: string,
  request: Omit<ScrapeBatchInput, 'batchId'>,
  createdAt: Date,
): Promise<void> {
  const { urls, fanOut, onDone, deadlineAtMs, chunks: _chunks, ...rest } = request;
  if (!Array.isArray(urls) || urls.length === 0) throw invalidRequestFailure('urls must be a non-empty array');
  if (urls.length > MAX_BATCH_URLS)
    throw invalidRequestFailure(`urls has ${urls.length} items, the limit is ${MAX_BATCH_URLS}`);
  const problems = urlProblems(urls, (index) => `urls[${index}]`);
  if (problems.length > 0)
    throw invalidRequestFailure(
      problems
        .map(({ path, message }) => `${path} ${message}`)
        .join('; ')
        .slice(0, 2_000),
    );
  const asked = BatchOptions.safeParse(withoutEmptyFields({ fanOut, onDone }));
  if (!asked.success) {
    const [issue] = asked.error.issues;
    throw invalidRequestFailure(`${pathOf(issue?.path ?? [])} ${issue?.message ?? 'is not valid'}`);
  }
  const options = await checkedOptions(deps, rest);
  const params: ApiParams = options.apiParams ?? {};
  const apiKeyId = await ownerKeyId(deps.database);
  deps.noteIgnored(apiKeyId, options.ignoredParams ?? []);
  const batch = {
    id: batchId,
    apiKeyId,
    urls: urls as readonly string[],
    prices: (urls as readonly string[]).map((url) => deps.priceList.priceOf(url, params)),
    options,
    fanOut: asked.data.fanOut ?? deps.fanOutOf(urls.length),
    createdAt,
    deadlineAt: deadlineAtMs === undefined ? deadlineAfter(createdAt, options.timeoutSec) : new Date(deadlineAtMs),
    onDoneUrl: asked.data.onDone?.url,
    isStarted: true,
  };
  await adoptBatch(deps.database, batch, params.max_cost ?? undefined);
}
