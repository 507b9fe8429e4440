import { setTimeout as sleep } from 'node:timers/promises';
import type { Everfetch } from '../../client/index';
import type { ResultJob, ResultLine } from '../output/result-line';
import { linesOf } from './lines-of';
import type { Patience } from './patience';

export interface FollowOptions {
  readonly cursor: string | undefined;
  readonly fields: string | undefined;
  readonly status?: string | undefined;
  /** Whether to wait for what has not ended yet. */
  readonly follow: boolean;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/** Pause after an answer that ended early and brought nothing: the service is being stopped (ms). */
const EARLY_END_PAUSE_MS = 1_000;

/**
 * Reads the results of a batch as they come, line by line as they were sent. It goes on behind the last whole line when a connection
 * breaks, and ends when every result has been read: an answer that has nothing more to wait for says so in `X-Batch-Unfinished`.
 */
export async function* followResults(
  client: Everfetch,
  batchId: string,
  { cursor, fields, status, follow, patience, signal }: FollowOptions,
): AsyncGenerator<ResultLine[]> {
  let after = cursor;
  for (;;) {
    try {
      const query = { cursor: after, fields, status, follow: follow ? 'true' : undefined };
      const response = await client.request('GET', `/batches/${batchId}/results`, { query, signal });
      const isLast = !follow || response.headers.get('x-batch-unfinished') === '0';
      patience.succeeded();
      let isEmpty = true;
      for await (const group of linesOf(response)) {
        const lines = group.filter((bytes) => bytes.length > 1).map(resultLine); // an empty line is a sign of life
        if (lines.length === 0) continue;
        isEmpty = false;
        yield lines;
        after = lines.at(-1)?.job.cursor ?? after;
      }
      if (isLast) return;
      if (isEmpty) await sleep(EARLY_END_PAUSE_MS, undefined, { signal });
    } catch (error) {
      await patience.afterError(error);
    }
  }
}

function resultLine(bytes: Uint8Array): ResultLine {
  return {
    bytes,
    job: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as ResultJob,
  };
}
