import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants } from 'node:zlib';
import type { Gzip } from 'node:zlib';
import type { Response } from 'express';

/** Whether an answer broke off because the client hung up, which is not an error of ours. */
export const hasHungUp = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';

/** Returns a signal that is aborted when the answer is over, sent or broken off. */
export function endSignal(res: Response): AbortSignal {
  const ending = new AbortController();
  if (res.destroyed || res.socket?.destroyed !== false) ending.abort();
  else res.once('close', () => ending.abort());
  return ending.signal;
}

/** How often what a coding holds back is sent (ms). */
const FLUSH_MS = 250;

/**
 * Sends a text, or bytes, part by part, waiting for slow readers. An error of `parts` breaks the connection, so that half an answer does not
 * look like a whole one.
 * @param gzip compresses the text on its way; what has been written is on the wire after {@link FLUSH_MS} at the latest
 */
export async function streamText(res: Response, parts: AsyncIterable<string | Buffer>, gzip?: Gzip): Promise<void> {
  const source = Readable.from(parts, { objectMode: true, highWaterMark: 1 });
  if (gzip === undefined) return untilHungUp(pipeline(source, res));
  let flushedBytes = 0;
  const flushing = setInterval(() => {
    // While the reader is slow, there is enough on its way.
    if (gzip.bytesWritten === flushedBytes || gzip.writableNeedDrain || gzip.readableLength > 0) return;
    flushedBytes = gzip.bytesWritten;
    gzip.flush(constants.Z_SYNC_FLUSH);
  }, FLUSH_MS).unref();
  await untilHungUp(pipeline(source, gzip, res)).finally(() => clearInterval(flushing));
}

async function untilHungUp(sent: Promise<void>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!hasHungUp(error)) throw error;
  }
}

const ITEMS_PER_WRITE = 500;

/** Sends a JSON array piece by piece and waits for slow readers, so that 50,000 items are never one string in memory. */
export async function writeJsonArray<T>(
  res: Response,
  items: readonly T[],
  toJson: (item: T, index: number) => unknown,
): Promise<void> {
  function* parts(): Generator<string> {
    for (let from = 0; from < items.length; from += ITEMS_PER_WRITE) {
      const part = items.slice(from, from + ITEMS_PER_WRITE);
      const texts = part.map((item, index) => JSON.stringify(toJson(item, from + index)));
      yield `${from === 0 ? '[' : ','}${texts.join(',')}`;
    }
    yield items.length === 0 ? '[]' : ']';
  }
  res.type('application/json');
  // A client that hangs up early is not an error here, because what was accepted is stored.
  await pipeline(Readable.from(parts()), res).catch(() => undefined);
}
