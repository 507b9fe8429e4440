import { once } from 'node:events';
import type { Response } from 'express';

const ITEMS_PER_WRITE = 500;

/** Answers a bare JSON array piece by piece, waiting for a slow reader, so that 50,000 items never stand in memory as one string. */
export async function writeJsonArray<T>(
  res: Response,
  items: readonly T[],
  toJson: (item: T, index: number) => unknown,
): Promise<void> {
  res.type('application/json');
  for (let from = 0; from < items.length; from += ITEMS_PER_WRITE) {
    const part = items
      .slice(from, from + ITEMS_PER_WRITE)
      .map((item, index) => JSON.stringify(toJson(item, from + index)));
    const isFlowing = res.write(`${from === 0 ? '[' : ','}${part.join(',')}`);
    if (!isFlowing && !res.destroyed) await Promise.race([once(res, 'drain'), once(res, 'close')]);
    if (res.destroyed) return;
  }
  res.end(items.length === 0 ? '[]' : ']');
}
