import type { CallOptions, ResultLine } from './requests';
import { ConnectionError } from './errors';
import { linesOf } from './lines';
import { pause } from './linked-abort';
import { backOffMs } from './retry-delay';
import type { Query, Transport } from './transport';

export interface ResultsOptions extends CallOptions {
  /** Whether results are given as they come, until the batch has ended. @default false */
  readonly follow?: boolean | undefined;
  /** Goes on behind the line that had this cursor. */
  readonly cursor?: string | undefined;
  readonly status?: 'finished' | 'failed' | 'cancelled' | undefined;
  /** The only fields that the lines are to have; `cursor` is always there. Without `response` no page is read. */
  readonly fields?: readonly string[] | undefined;
}

/** While it follows, the service sends an empty line every 15 seconds. */
const IDLE_MS = 40_000;

/**
 * Reads the results of a batch, and goes on from the last whole line whenever the connection breaks off.
 * @throws ConnectionError when it broke off again and again without a further line
 */
export async function* resultsOf(
  transport: Transport,
  batchId: string,
  { follow = false, status, fields, signal, ...options }: ResultsOptions,
): AsyncGenerator<ResultLine, void, undefined> {
  let { cursor } = options;
  const path = `/batches/${encodeURIComponent(batchId)}/results`;
  for (let breaks = 0; ;) {
    const query: Query = {
      cursor,
      status,
      follow: follow ? true : undefined,
      fields: fields && [...new Set([...fields, 'cursor'])].join(','),
    };
    const answer = await transport.open({ method: 'GET', path, query, signal });
    const isWhole = !follow || answer.response.headers.get('x-batch-unfinished') === '0';
    const before = cursor;
    try {
      for await (const text of linesOf(answer.parts(follow ? IDLE_MS : undefined))) {
        if (text === '') continue;
        const line = JSON.parse(text) as ResultLine;
        cursor = line.cursor;
        yield line;
      }
      // An answer that began before the batch had ended may have been closed by a server that stops.
      if (isWhole) return;
      breaks = cursor === before ? breaks + 1 : 0;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      breaks = cursor === before ? breaks + 1 : 1;
      if (breaks > transport.maxRetries) throw error;
    }
    if (breaks > 1) await pause(backOffMs(breaks - 2), signal);
  }
}
