import type { Page } from './types';

/** Requests for one page at most, because each may read many rows. */
const MAX_REQUESTS = 4;

export interface PageRequest {
  readonly cursor: string | undefined;
  readonly limit: number;
}

/**
 * A page as people expect it. The service ends a search after a number of rows, whatever it has found by then, so that its pages may
 * be short or empty before the list is at its end; then it is asked to go on, a few times.
 */
export async function filledPage<Item>(
  { cursor, limit }: PageRequest,
  ask: (request: PageRequest) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  let page = await ask({ cursor, limit });
  for (let requests = 1; requests < MAX_REQUESTS && page.nextCursor !== undefined; requests += 1) {
    if (page.items.length >= limit) break;
    const { items, nextCursor } = await ask({ cursor: page.nextCursor, limit: limit - page.items.length });
    page = { items: [...page.items, ...items], ...(nextCursor !== undefined && { nextCursor }) };
  }
  return page;
}
