import type { Batch, Job } from './api-types';
import { ApiError, ConnectionError } from './errors';
import { retryAfterMs } from './api-error-of';
import { eventsOf } from './events';
import { pause } from './linked-abort';
import type { CallOptions } from './requests';
import type { Transport } from './transport';

export interface WaitOptions<T> extends CallOptions {
  /** Is called with each state that is seen, the last one included. */
  readonly onProgress?: ((state: T) => void) | undefined;
}

/** Without a hint of the service a state is asked for again after this long (ms). */
const POLL_MS = 2_000;

/** The low 16 bits of an id tell what it is. */
export const isBatchId = (id: string): boolean => /ffff$/i.test(id);

/** Waits for the end of a batch: by its events, or where these do not get through by asking. */
export async function waitForBatch(
  transport: Transport,
  id: string,
  { onProgress, signal }: WaitOptions<Batch>,
): Promise<Batch> {
  let batch: Batch | undefined;
  try {
    for await (batch of eventsOf(transport, id, { signal })) onProgress?.(batch);
  } catch (error) {
    const isOfStreams = error instanceof ConnectionError || (error instanceof ApiError && error.status >= 500);
    if (!isOfStreams) throw error;
  }
  if (batch?.endedAt !== undefined) return batch;
  return polled<Batch>(transport, `/batches/${encodeURIComponent(id)}`, {
    onProgress,
    signal,
    isEnded: ({ endedAt }) => endedAt !== undefined,
  });
}

/** Waits for the end of a job, and gives it with its page. */
export async function waitForJob(
  transport: Transport,
  id: string,
  { onProgress, signal }: WaitOptions<Job>,
): Promise<Job> {
  const path = `/jobs/${encodeURIComponent(id)}`;
  await polled<Job>(transport, `${path}?response=false`, {
    onProgress,
    signal,
    isEnded: ({ status }) => status !== 'running',
  });
  return transport.json<Job>({ method: 'GET', path, signal });
}

interface Polling<T> extends WaitOptions<T> {
  readonly isEnded: (state: T) => boolean;
}

async function polled<T>(transport: Transport, path: string, { onProgress, signal, isEnded }: Polling<T>): Promise<T> {
  for (;;) {
    const { value: state, headers } = await transport.jsonWithHeaders<T>({ method: 'GET', path, signal });
    onProgress?.(state);
    if (isEnded(state)) return state;
    await pause(retryAfterMs(headers.get('retry-after'), Date.now()) ?? POLL_MS, signal);
  }
}
