import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from './store-unavailable';

/** A restart of PostgreSQL takes seconds, and what waits to be written is not worth less for it. Longer, and whoever waits tries again. */
const PATIENCE_MS = 15_000;
const TRY_AGAIN_MS = 500;

/**
 * Does again what failed for a reason that passes.
 * @param work may be repeated as a whole: segments get new keys, rows that have ended stay, a call is noted twice at worst
 * @throws StoreUnavailableError when it does not pass in time
 */
export async function retryTransient<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (Date.now() > deadline) throw new StoreUnavailableError('nothing can be stored', { cause: error });
    }
    await sleep(TRY_AGAIN_MS);
  }
}

/** The disk is full (ENOSPC); PostgreSQL has ended one of two statements that waited for each other (40P01); a receiver was purged in the moment it got news (23503). */
const PASSING = ['ENOSPC', '40P01', '23503'];

/** Or PostgreSQL is away. */
const isPassing = (error: unknown): boolean =>
  error instanceof StoreUnavailableError ||
  (typeof error === 'object' && error !== null && 'code' in error && PASSING.includes(String(error.code)));
