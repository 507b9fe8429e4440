import { chunksOf } from '../jobs/chunk-range';
import { batchMemberId, CHUNK_URLS } from '../jobs/job-id';
import { urlSummary } from '../jobs/workflow-start';
import { hostOf } from '../net/host-of';
import type { Activities, SweepInput, SweepRest } from '../workflows/workflow-io';
import { chunkCounts, openChunk } from '../store/chunks';
import type { OpenChunk } from '../store/chunks';
import { countOpenCopies, findLateCopies } from '../store/copies';
import type { Database } from '../store/database';
import { retryTransient } from '../store/retry-transient';
import { endJobs } from '../store/write-outcomes';
import type { BatchStateWatch } from '../scraping/batch-state-watch';
import type { CancelWatch } from '../scraping/cancel-watch';
import { ChunkSweep } from '../scraping/chunk-sweep';
import type { ChunkSweepDeps } from '../scraping/chunk-sweep';
import type { WorkOf } from './as-activity';
import { notFoundFailure } from './failures';
import { SHIFT_MS, nextSweepAtMs, promotableOf } from '../scraping/sweep-policy';

export interface SweepDeps extends ChunkSweepDeps {
  readonly database: Database;
  readonly cancelWatch: CancelWatch;
  readonly batchStates: BatchStateWatch;
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  /** Aborts when the worker stops. Sweeps then commit what they have fetched and return. */
  readonly stopping: AbortSignal;
}

/** The batch is being cancelled. Its workflow hears of that as well; until then nothing is fetched. */
class BatchCancelledError extends Error {
  override readonly name = 'BatchCancelledError';
}

/** When copies are looked at again whose originals are fetched elsewhere (ms). */
const COPIES_LOOK_MS = 1_000;
/** More than enough for the 50,000 URLs of a batch. */
const MAX_COPY_ROUNDS = 50;

/** The deadline of the batch has passed. */
class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** Fetches every due URL of a range of chunks, and again those that come due soon. Everything it fetched is durable before it resolves. */
export function createSweep(deps: SweepDeps): WorkOf<Activities['sweep']> {
  const running = new Map<string, ChunkSweep>();
  return async function sweep({ signal, describeProgress }, input) {
    const id = `${input.batchId}/${input.chunk}`;
    // When heartbeats were lost, the server starts a sweep again that still runs here. The old one is stopped, or its pages would be
    // fetched twice.
    running.get(id)?.stop(new Error('the sweep was given out again'));
    const chunks = await Promise.all(chunksOf(input).map((chunk) => open(deps.database, input.batchId, chunk)));
    signal.throwIfAborted();
    // A workflow of before the failed URLs were given their time once more has nothing left to do.
    if (chunks.some(({ round = 0 }) => round !== (input.round ?? 0))) return { unfinished: 0, promotable: [] };
    const except = new Set(input.except);
    const held = chunks.some(({ hold }) => hold !== undefined) ? countUnfinished(chunks, except) : 0;
    if (held > 0)
      return { unfinished: held, promotable: [], isPaused: true, ...(await countsOf(deps.database, input)) };
    const swept = new ChunkSweep(deps, chunks, except);
    describeProgress(() => ({ unfinished: swept.rest.length }));
    running.set(id, swept);
    try {
      const isHeld = await supervised(deps, swept, input, signal);
      if (isHeld && swept.rest.length > 0)
        return {
          ...{ unfinished: swept.rest.length, promotable: [], isPaused: true },
          ...(await countsOf(deps.database, input)),
        };
    } finally {
      if (running.get(id) === swept) running.delete(id);
    }
    const isDeduped = chunks.some((chunk) => chunk.isDeduped === true);
    return restOf(deps.database, swept, input, isDeduped ? await endCopies(deps, input) : 0);
  };
}

/**
 * Ends the copies whose originals have ended in some other way than by a sweep that knew of them.
 * @returns how many wait for their originals
 */
async function endCopies({ database, onDeliveries }: SweepDeps, input: SweepInput): Promise<number> {
  const { batchId } = input;
  const chunks = chunksOf(input);
  let late = await findLateCopies(database, batchId, chunks);
  for (let round = 0; late.length > 0 && round < MAX_COPY_ROUNDS; round++) {
    const ends = late;
    const { endpointIds } = await retryTransient(() => endJobs(database, ends));
    onDeliveries(endpointIds);
    late = await findLateCopies(database, batchId, chunks);
  }
  return countOpenCopies(database, batchId, chunks);
}

async function open(db: Database, batchId: string, number: number): Promise<OpenChunk> {
  const chunk = await openChunk(db, batchId, number);
  if (chunk === undefined) throw notFoundFailure(batchId);
  return chunk;
}

/** URLs of these chunks that have not ended, without the excepted ones. */
const countUnfinished = (chunks: readonly OpenChunk[], except: ReadonlySet<number>): number =>
  chunks
    .flatMap(({ members }, index) => members.map(({ place }) => index * CHUNK_URLS + place))
    .filter((place) => !except.has(place)).length;

/**
 * Runs a sweep until it ends, or something ends it early: its shift, the deadline, a pause, a cancellation or the end of the worker.
 * @returns whether the batch is paused, or is being cancelled
 */
async function supervised(
  deps: SweepDeps,
  sweep: ChunkSweep,
  input: SweepInput,
  signal: AbortSignal,
): Promise<boolean> {
  let isHeld = false;
  const shift = setTimeout(() => sweep.drain(), SHIFT_MS);
  const end = setTimeout(() => sweep.stop(new OutOfTimeError()), Math.max(input.deadlineAtMs - Date.now(), 0));
  const unwatch = chunksOf(input).map((chunk, index) =>
    deps.cancelWatch.watch(input.batchId, chunk, (place) => sweep.forget(index * CHUNK_URLS + place)),
  );
  const unwatchBatch = deps.batchStates.watch(input.batchId, (state) => {
    if (state === undefined || state.hold === 'cancelled' || state.round !== (input.round ?? 0)) {
      isHeld = true;
      sweep.stop(new BatchCancelledError());
    } else if (state.hold === 'paused') {
      isHeld = true;
      sweep.drain();
    } else sweep.heed(state);
  });
  const onCancel = () => sweep.stop(signal.reason);
  const onStopping = () => sweep.drain();
  signal.addEventListener('abort', onCancel);
  deps.stopping.addEventListener('abort', onStopping);
  try {
    if (deps.stopping.aborted) sweep.drain();
    await sweep.run();
  } catch (error) {
    if (!(error instanceof OutOfTimeError || error instanceof BatchCancelledError)) throw error;
  } finally {
    clearTimeout(shift);
    clearTimeout(end);
    unwatch.forEach((end) => end());
    unwatchBatch();
    signal.removeEventListener('abort', onCancel);
    deps.stopping.removeEventListener('abort', onStopping);
  }
  return isHeld || sweep.isOutOfCredits;
}

/** @param copies how many URLs wait for the results of others */
async function restOf(db: Database, sweep: ChunkSweep, input: SweepInput, copies: number): Promise<SweepRest> {
  const { batchId, chunk } = input;
  const { rest } = sweep;
  if (rest.length + copies === 0) return { unfinished: 0, promotable: [], ...(await countsOf(db, input)) };
  const nextAtMs = nextSweepAtMs(rest, Date.now()) ?? Date.now() + COPIES_LOOK_MS;
  // Only sweeps keep to a cap.
  const promotable = (sweep.isCapped ? [] : promotableOf(rest)).map(({ place, url, nextAttemptAtMs: startAtMs }) => ({
    startAtMs,
    place,
    jobId: batchMemberId(batchId, chunk * CHUNK_URLS + place),
    url: urlSummary(url),
    host: hostOf(url),
  }));
  return { unfinished: rest.length + copies, promotable, nextAtMs, ...(await countsOf(db, input)) };
}

async function countsOf(db: Database, input: SweepInput): Promise<Pick<SweepRest, 'counts'>> {
  const counts = await chunkCounts(db, input.batchId, chunksOf(input));
  if (counts === undefined) return {};
  const { round: _, ...ending } = counts;
  return { counts: ending };
}
