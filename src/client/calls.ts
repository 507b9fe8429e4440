import { listed } from './pages';
import type { Listed } from './pages';
import type { CallOptions } from './requests';
import type { Call, Transport } from './transport';

/** The options of a call that gives the items of a list, page after page. `limit` is the size of a page. */
export type Listing<Q> = Q & CallOptions;
/** What stands in the pages of a list. */
export type Item<P extends { readonly items: readonly unknown[] }> = P['items'][number];

/** What the calls are made with. Options of a call are its signal and, beside it, its query. */
export class Calls {
  protected readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  protected call<T>(
    method: Call['method'],
    path: string,
    { signal, ...query }: Listing<object> = {},
    json?: unknown,
    isRepeatable?: boolean,
  ): Promise<T> {
    return this.transport.json({ method, path, query: query, signal, json, isRepeatable });
  }

  /** The answer itself, whose body has to be read or cancelled. */
  protected async answer(path: string, { signal, ...query }: Listing<object> = {}): Promise<Response> {
    return (await this.transport.open({ method: 'GET', path, query: query, signal })).asResponse();
  }

  protected listed<T>(path: string, { signal, ...query }: Listing<object> = {}): Listed<T> {
    return listed(this.transport, path, { query: query, signal });
  }
}
