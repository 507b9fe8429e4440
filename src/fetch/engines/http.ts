import { Agent } from 'undici';
import type { LookupFunction } from 'node:net';
import type { FetchEngine } from './engine';
import { HttpExchange } from './http-exchange';

export interface HttpEngineOptions {
  /** The guard's: it decides what is dialled. */
  readonly lookup: LookupFunction;
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Four times Node's default: sites that set dozens of cookies at once are real. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * HTTP/1.1 by undici, without any of its interceptors: no retries (Temporal's), no redirects (ours), no decompression (pages are kept as received).
 * Its own time-outs only back up the attempt's clock, which covers all hops together and fires first.
 */
export function createHttpEngine({ lookup, attemptTimeoutMs, connectionsPerHost }: HttpEngineOptions): FetchEngine {
  const agent = new Agent({
    connect: { lookup, timeout: CONNECT_TIMEOUT_MS },
    connections: connectionsPerHost,
    pipelining: 1,
    headersTimeout: attemptTimeoutMs,
    bodyTimeout: attemptTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return {
    send({ url, method, headers, body }, attempt) {
      const exchange = new HttpExchange(attempt);
      // `dispatch` and not `request`, which makes a stream and an async resource of every answer: half of what a small page costs.
      const options = {
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as 'GET', // as: any token is fine
        headers: headers as string[],
        body: body ?? null,
      };
      agent.dispatch(options, exchange);
      return exchange.answer;
    },
    close: () => agent.destroy(),
  };
}
