import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { chunksOf } from '../jobs/chunk-range';
import { batchMemberId, CHUNK_URLS } from '../jobs/job-id';
import { urlSummary } from '../jobs/url-summary';
import type { SweepInput, SweepRest } from '../workflows/workflow-io';
import { chunkCounts, openChunk } from '../store/chunks';
import type { OpenChunk } from '../store/chunks';
import type { Database } from '../store/database';
import type { CancelWatch } from '../scraping/cancel-watch';
import { ChunkSweep } from '../scraping/chunk-sweep';
import type { ChunkSweepDeps } from '../scraping/chunk-sweep';
import { notFoundFailure, toFailure } from './failures';
import { SHIFT_MS, nextSweepAtMs, promotableOf } from '../scraping/sweep-policy';

export interface SweepDeps extends ChunkSweepDeps {
  readonly database: Database;
  readonly cancelWatch: CancelWatch;
  /** Aborts when the worker stops: sweeps then commit what they have fetched and hand back. */
  readonly stopping: AbortSignal;
}

const HEARTBEAT_MS = 5_000;

/** The time of the batch is over. */
class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** Fetches every due URL of a range of chunks, and again those that come due soon. Everything it fetched is durable before it resolves. */
export function createSweep(deps: SweepDeps): (input: SweepInput) => Promise<SweepRest> {
  const running = new Map<string, ChunkSweep>();
  return async function sweep(input) {
    const signal = cancellationSignal();
    const id = `${input.batchId}/${input.chunk}`;
    // When heartbeats did not get through, the server gives a sweep out again that still runs here: its pages would be fetched twice.
    running.get(id)?.stop(new Error('the sweep was given out again'));
    try {
      const chunks = await Promise.all(chunksOf(input).map((chunk) => open(deps.database, input.batchId, chunk)));
      signal.throwIfAborted();
      const swept = new ChunkSweep(deps, chunks, new Set(input.except));
      running.set(id, swept);
      try {
        await supervised(deps, swept, input, signal);
      } finally {
        if (running.get(id) === swept) running.delete(id);
      }
      return await restOf(deps.database, swept, input);
    } catch (error) {
      // A cancellation has to reach the worker unwrapped, or it counts as one more failed attempt.
      throw signal.aborted ? signal.reason : toFailure(error);
    }
  };
}

async function open(db: Database, batchId: string, number: number): Promise<OpenChunk> {
  const chunk = await openChunk(db, batchId, number);
  if (chunk === undefined) throw notFoundFailure(batchId);
  return chunk;
}

/** Runs a sweep, with its heartbeat and everything that may end it early. */
async function supervised(deps: SweepDeps, sweep: ChunkSweep, input: SweepInput, signal: AbortSignal): Promise<void> {
  const beat = setInterval(() => heartbeat({ unfinished: sweep.rest.length }), HEARTBEAT_MS);
  const shift = setTimeout(() => sweep.drain(), SHIFT_MS);
  const end = setTimeout(() => sweep.stop(new OutOfTimeError()), Math.max(input.deadlineAtMs - Date.now(), 0));
  const unwatch = chunksOf(input).map((chunk, index) =>
    deps.cancelWatch.watch(input.batchId, chunk, (place) => sweep.forget(index * CHUNK_URLS + place)),
  );
  const onCancel = () => sweep.stop(signal.reason);
  const onStopping = () => sweep.drain();
  signal.addEventListener('abort', onCancel);
  deps.stopping.addEventListener('abort', onStopping);
  try {
    if (deps.stopping.aborted) sweep.drain();
    await sweep.run();
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
  } finally {
    clearInterval(beat);
    clearTimeout(shift);
    clearTimeout(end);
    unwatch.forEach((end) => end());
    signal.removeEventListener('abort', onCancel);
    deps.stopping.removeEventListener('abort', onStopping);
  }
}

async function restOf(db: Database, sweep: ChunkSweep, input: SweepInput): Promise<SweepRest> {
  const { batchId, chunk, except } = input;
  const { rest } = sweep;
  if (rest.length === 0) {
    const counts = except.length === 0 ? await chunkCounts(db, batchId, chunksOf(input)) : undefined;
    return { unfinished: 0, promotable: [], ...(counts !== undefined && { counts }) };
  }
  const nextAtMs = nextSweepAtMs(rest, Date.now());
  const promotable = promotableOf(rest).map(({ place, url, nextAttemptAtMs: startAtMs }) => ({
    startAtMs,
    place,
    jobId: batchMemberId(batchId, chunk * CHUNK_URLS + place),
    url: urlSummary(url),
  }));
  return { unfinished: rest.length, promotable, ...(nextAtMs !== undefined && { nextAtMs }) };
}
