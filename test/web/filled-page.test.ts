import { filledPage } from '../../web/src/api/filled-page';
import type { PageRequest } from '../../web/src/api/filled-page';

/** A list whose search ends after so many items, though it could go on. */
const listOf = (parts: readonly (readonly number[])[]) => {
  const asked: PageRequest[] = [];
  const ask = async (request: PageRequest) => {
    asked.push(request);
    const place = Number(request.cursor ?? 0);
    return { items: parts[place] ?? [], ...(place + 1 < parts.length && { nextCursor: String(place + 1) }) };
  };
  return { ask, asked };
};

test('short pages are joined until there are enough items', async () => {
  const { ask, asked } = listOf([[1], [], [2, 3], [4]]);
  expect(await filledPage({ cursor: undefined, limit: 3 }, ask)).toEqual({ items: [1, 2, 3], nextCursor: '3' });
  expect(asked.map(({ limit }) => limit)).toEqual([3, 2, 2]);
});

test('the end of a list ends its page, and a search that finds nothing is given up after some requests', async () => {
  expect(await filledPage({ cursor: '1', limit: 5 }, listOf([[1], [2], [3]]).ask)).toEqual({ items: [2, 3] });
  const endless = listOf(Array.from({ length: 99 }, () => []));
  expect(await filledPage({ cursor: undefined, limit: 5 }, endless.ask)).toEqual({ items: [], nextCursor: '4' });
  expect(endless.asked).toHaveLength(4);
});
