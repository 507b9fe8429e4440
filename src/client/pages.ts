import type { Query, Transport } from './transport';

export interface Page<T> {
  readonly items: readonly T[];
  /** `cursor` of the next page; absent on the last one. */
  readonly nextCursor?: string;
}

/** The items of a list, page after page, or one page of them. */
export interface Listed<T> extends AsyncIterable<T> {
  /** The page that `cursor` and `limit` name. */
  page(): Promise<Page<T>>;
}

/** A list. While it is iterated the next page is asked for when the one before has been taken. */
export function listed<T>(
  transport: Transport,
  path: string,
  { query, signal }: { readonly query: Query; readonly signal?: AbortSignal | undefined },
): Listed<T> {
  const pageAt = (cursor: Query[string]): Promise<Page<T>> =>
    transport.json({ method: 'GET', path, query: { ...query, cursor }, signal });
  return {
    page: () => pageAt(query['cursor']),
    async *[Symbol.asyncIterator]() {
      for (let { cursor } = query; ;) {
        const page = await pageAt(cursor);
        yield* page.items;
        cursor = page.nextCursor;
        if (cursor === undefined) return;
      }
    },
  };
}
