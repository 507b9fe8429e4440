import type { Batch } from './api-types';
import { ConnectionError } from './errors';
import { linesOf } from './lines';
import { pause } from './linked-abort';
import type { CallOptions } from './requests';
import { backOffMs } from './retry-delay';
import { eventsIn } from './server-sent-events';
import type { Transport } from './transport';

/** A sign of life comes every 15 seconds. */
const IDLE_MS = 40_000;

/**
 * The batch whenever it has changed, beginning with its present state, until it has ended. A connection that breaks off is made
 * again, and the state that was told last is not told twice.
 * @throws ConnectionError when it broke off again and again without an event
 */
export async function* eventsOf(
  transport: Transport,
  batchId: string,
  { signal }: CallOptions,
): AsyncGenerator<Batch, void, undefined> {
  const path = `/batches/${encodeURIComponent(batchId)}/events`;
  let lastId: string | undefined;
  for (let breaks = 0; ;) {
    const headers = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) };
    const answer = await transport.open({ method: 'GET', path, headers, signal });
    if (answer.response.status === 204) return answer.close();
    const before = lastId;
    let failure: unknown = new ConnectionError(`GET ${path} ended before the batch.`);
    try {
      for await (const { id, data } of eventsIn(linesOf(answer.parts(IDLE_MS)))) {
        lastId = id;
        const batch = JSON.parse(data) as Batch;
        yield batch;
        if (batch.endedAt !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      failure = error;
    }
    breaks = lastId === before ? breaks + 1 : 1;
    if (breaks > transport.maxRetries) throw failure;
    if (breaks > 1) await pause(backOffMs(breaks - 2), signal);
  }
}
