import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { batchMemberId, CHUNK_URLS } from '../contracts/job-id';
import { urlSummary } from '../contracts/url-summary';
import type { SweepInput, SweepRest } from '../contracts/workflow-io';
import { chunkCounts, openChunk } from '../store/chunks';
import type { Database } from '../store/database';
import type { CancelWatch } from './cancel-watch';
import { ChunkSweep } from './chunk-sweep';
import type { ChunkSweepDeps } from './chunk-sweep';
import { jobNotFoundFailure, toFailure } from './failures';
import { SHIFT_MS, nextSweepAtMs, promotableOf } from './sweep-policy';

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

/** Fetches every due URL of a chunk, and again those that come due soon. Everything it fetched is durable before it resolves. */
export function createSweep(deps: SweepDeps): (input: SweepInput) => Promise<SweepRest> {
  const running = new Map<string, ChunkSweep>();
  return async function sweep(input) {
    const signal = cancellationSignal();
    const id = `${input.batchId}/${input.chunk}`;
    // When heartbeats did not get through, the server gives a sweep out again that still runs here: its pages would be fetched twice.
    running.get(id)?.stop(new Error('the sweep was given out again'));
    try {
      const chunk = await openChunk(deps.database, input.batchId, input.chunk);
      if (chunk === undefined) throw jobNotFoundFailure(input.batchId);
      signal.throwIfAborted();
      const except = new Set(input.except);
      const members = chunk.members.filter(({ place }) => !except.has(place));
      const swept = new ChunkSweep(deps, chunk, members);
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

/** Runs a sweep, with its heartbeat and everything that may end it early. */
async function supervised(
  deps: SweepDeps,
  sweep: ChunkSweep,
  { batchId, chunk, deadlineAtMs }: SweepInput,
  signal: AbortSignal,
): Promise<void> {
  const beat = setInterval(() => heartbeat({ unfinished: sweep.rest.length }), HEARTBEAT_MS);
  const shift = setTimeout(() => sweep.drain(), SHIFT_MS);
  const end = setTimeout(() => sweep.stop(new OutOfTimeError()), Math.max(deadlineAtMs - Date.now(), 0));
  const unwatch = deps.cancelWatch.watch(batchId, chunk, (place) => sweep.forget(place));
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
    unwatch();
    signal.removeEventListener('abort', onCancel);
    deps.stopping.removeEventListener('abort', onStopping);
  }
}

async function restOf(db: Database, sweep: ChunkSweep, { batchId, chunk, except }: SweepInput): Promise<SweepRest> {
  const { rest } = sweep;
  if (rest.length === 0) {
    const counts = except.length === 0 ? await chunkCounts(db, batchId, chunk) : undefined;
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
