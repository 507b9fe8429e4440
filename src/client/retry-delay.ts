import { ApiError, ConnectionError } from './errors';

const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** A longer pause is the caller's to take. */
const MAX_RETRY_AFTER_MS = 120_000;
/** 5xx that will be the same next time. */
const FINAL_CODES = ['page_damaged', 'fetch_failed'];

/** The pause before retry number `retry`, from 0 on (ms): doubling, with a random part so that many clients do not come at once. */
export const backOffMs = (retry: number): number =>
  Math.min(FIRST_MS * 2 ** retry, LONGEST_MS) * (0.75 + Math.random() / 2);

/**
 * How long to wait before a call is made again; undefined when it should not be.
 * @param isRepeatable whether it does no harm when the call was carried out although no answer came
 */
export function retryDelayMs(error: unknown, retry: number, isRepeatable: boolean): number | undefined {
  if (error instanceof ConnectionError) return isRepeatable ? backOffMs(retry) : undefined;
  if (!(error instanceof ApiError) || !mayHelp(error, isRepeatable)) return undefined;
  const asked = error.retryAfterMs ?? 0;
  return asked > MAX_RETRY_AFTER_MS ? undefined : Math.max(asked, backOffMs(retry));
}

function mayHelp({ status, code }: ApiError, isRepeatable: boolean): boolean {
  // These refuse before anything is done.
  if (status === 429 || status === 503 || code === 'idempotency_in_flight') return true;
  return isRepeatable && (status === 408 || (status >= 500 && !FINAL_CODES.includes(code)));
}
