import { Readable } from 'node:stream';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** Whether an answer broke off because the client hung up, which is not an error of ours. */
export const hasHungUp = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';

/**
 * Sends a text, or bytes, part by part, waiting for slow readers. An error of `parts` breaks the connection, so that half an answer does not
 * look like a whole one.
 * @param coding applied to the text on its way, such as gzip
 */
export async function streamText(
  res: Response,
  parts: AsyncIterable<string | Buffer>,
  coding?: Transform,
): Promise<void> {
  const source = Readable.from(parts, { objectMode: true, highWaterMark: 1 });
  try {
    await (coding === undefined ? pipeline(source, res) : pipeline(source, coding, res));
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
