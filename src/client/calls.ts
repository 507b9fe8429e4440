import { listed } from './pages';
import type { Listed } from './pages';
import type { CallOptions } from './requests';
import type { Query, Transport } from './transport';

/** Of a call that gives the items of a list, page after page. `limit` is the size of a page. */
export type Listing<Q> = Q & CallOptions;
/** What stands in the pages of a list. */
export type Item<P extends { readonly items: readonly unknown[] }> = P['items'][number];

/** A part of a path. */
export const seg = encodeURIComponent;

/** What the calls are made with. */
export class Calls {
  protected readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  protected get<T>(path: string, query: Query, signal: AbortSignal | undefined): Promise<T> {
    return this.transport.json({ method: 'GET', path, query, signal });
  }

  protected post<T>(
    path: string,
    body: unknown,
    options: CallOptions & { readonly isRepeatable?: boolean },
  ): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.transport.json({ method: 'POST', path, body: text, ...options });
  }

  protected list<T>(path: string, { signal, ...query }: Listing<object>): Listed<T> {
    return listed(this.transport, path, { query: query as Query, signal });
  }
}
