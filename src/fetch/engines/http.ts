import { errors } from 'undici';
import type { LookupFunction } from 'node:net';
import { targetConnector } from '../dial/target-connector';
import type { ChainCompleter } from '../tls/chain-completer';
import { defaultChains } from '../tls/default-chains';
import { TlsSessions } from '../tls/tls-sessions';
import { OpenDials, watchedAgent } from './connection-use';
import { Detours } from './detours';
import type { FetchEngine } from './engine';
import { HttpExchange } from './http-exchange';

export interface HttpEngineOptions {
  /** The guard's: it decides what is dialled. */
  readonly lookup: LookupFunction;
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
  /** @default the authorities that Node trusts, and what they publish on the public internet */
  readonly chains?: ChainCompleter;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Four times Node's default: sites that set dozens of cookies at once are real. */
const MAX_HEADER_BYTES = 64 * 1024;

/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * HTTP/1.1 by undici, without any of its interceptors: no retries (Temporal's), no redirects (ours), no decompression (pages are kept as received).
 * Its own time-outs only back up the attempt's clock, which covers all hops together and fires first.
 */
export function createHttpEngine(options: HttpEngineOptions): FetchEngine {
  const { lookup, attemptTimeoutMs, connectionsPerHost, chains = defaultChains() } = options;
  const limits = {
    pipelining: 1,
    headersTimeout: attemptTimeoutMs,
    bodyTimeout: attemptTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const connecting = { lookup, chains, timeoutMs: CONNECT_TIMEOUT_MS };
  const connect = targetConnector({ ...connecting, sessions: new TlsSessions() });
  const dials = new OpenDials();
  const agent = watchedAgent({ ...limits, connections: connectionsPerHost, connect }, dials);
  const detours = new Detours({
    limits,
    connections: connectionsPerHost,
    connect: targetConnector(connecting),
    chains,
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
        watcher: exchange,
      };
      const isUsual = !route.isFresh && (route.proxy === undefined || route.proxy.kind === 'direct');
      if (isUsual) agent.dispatch(options, exchange);
      else detours.dispatch(options, exchange, route);
      if (route.isFresh || !IDEMPOTENT.has(method)) return exchange.answer;
      return exchange.answer.catch((error: unknown) => {
        if (!exchange.wasClosedOnReuse) throw error;
        // The others that are kept may be closed as well, so it is not one of them that it goes out over.
        const second = new HttpExchange(attempt);
        detours.dispatch({ ...options, watcher: second }, second, { ...route, isFresh: true });
        return second.answer;
      });
    },
    async close() {
      const closed = Promise.all([agent.destroy(), detours.close()]);
      dials.stopAll(new errors.ClientDestroyedError());
      await closed;
    },
  };
}
