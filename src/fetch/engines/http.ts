import { Agent } from 'undici';
import type { LookupFunction } from 'node:net';
import { Detours } from './detours';
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
  const limits = {
    pipelining: 1,
    headersTimeout: attemptTimeoutMs,
    bodyTimeout: attemptTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const connect = { lookup, timeout: CONNECT_TIMEOUT_MS };
  const agent = new Agent({ ...limits, connections: connectionsPerHost, connect });
  const detours = new Detours({
    limits,
    connections: connectionsPerHost,
    connect,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  return {
    send({ url, method, headers, body }, attempt, route) {
      const exchange = new HttpExchange(attempt);
      // `dispatch` and not `request`, which makes a stream and an async resource of every answer: half of what a small page costs.
      const options = {
        origin: url.origin,
        path: url.pathname + url.search,
        method: method as 'GET', // as: any token is fine
        headers: headers as string[],
        body: body ?? null,
      };
      const isUsual = !route.isFresh && (route.proxy === undefined || route.proxy.kind === 'direct');
      if (isUsual) agent.dispatch(options, exchange);
      else detours.dispatch(options, exchange, route);
      return exchange.answer;
    },
    async close() {
      await Promise.all([agent.destroy(), detours.close()]);
    },
  };
}
