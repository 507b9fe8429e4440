import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

const ITEMS_PER_WRITE = 500;

/** Answers a bare JSON array piece by piece, waiting for a slow reader, so that 50,000 items never stand in memory as one string. */
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
  // A client that hangs up early is its own affair: what was accepted is stored.
  await pipeline(Readable.from(parts()), res).catch(() => undefined);
}
