import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

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
