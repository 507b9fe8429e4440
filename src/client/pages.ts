import type { Query, Transport } from './transport';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** The items of a list, page after page. The next page is asked for when the one before has been taken. */
export async function* pagesOf<T>(
  transport: Transport,
  path: string,
  { query, signal }: { readonly query: Query; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<T, void, undefined> {
  for (let cursor = query['cursor']; ; ) {
    const page = await transport.json<Page<T>>({ method: 'GET', path, query: { ...query, cursor }, signal });
    yield* page.items;
    cursor = page.nextCursor;
    if (cursor === undefined) return;
  }
}
