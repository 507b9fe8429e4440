import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from './store-unavailable';

/** Time for retries (ms): a restart of PostgreSQL takes seconds. After a longer outage the caller tries again. */
const PATIENCE_MS = 15_000;
const TRY_AGAIN_MS = 500;

/**
 * Repeats work that failed for a transient reason.
 * @param work must be safe to repeat as a whole: segments get new keys, rows that have ended stay, a call is noted twice at worst
 * @throws StoreUnavailableError when the reason does not pass in time
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

/** Codes of transient errors: the disk is full (ENOSPC); PostgreSQL has ended one of two statements that waited for each other (40P01); a receiver was purged in the moment it got news (23503). */
const PASSING = ['ENOSPC', '40P01', '23503'];

/** Whether an error passes by itself; that PostgreSQL is away counts too. */
const isPassing = (error: unknown): boolean =>
  error instanceof StoreUnavailableError ||
  (typeof error === 'object' && error !== null && 'code' in error && PASSING.includes(String(error.code)));
