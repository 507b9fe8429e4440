import { errors } from 'undici';
import type { LookupFunction } from 'node:net';
import type { Interruption } from '../attempt-clock';
import { targetConnector } from '../../net/dial/target-connector';
import { LenientDispatcher } from '../lenient/lenient-dispatcher';
import { OddOrigins } from '../lenient/odd-origins';
import { requestTarget } from '../request-target';
import { defaultChains } from '../../net/tls/chain-completer';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { TlsSessions } from '../../net/tls/tls-sessions';
import { OpenDials, watchedAgent } from './connection-use';
import { Detours } from './detours';
import type { Answer, FetchEngine, OutgoingRequest, Route } from './engine';
import { HttpExchange } from './http-exchange';
import { isMalformedHead, isRepeatable } from './malformed';

export interface HttpEngineOptions {
  /** The guard's: it decides what is dialled. */
  readonly lookup: LookupFunction;
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
  /** @default the authorities that Node trusts, and what they publish on the public internet */
  readonly chains?: ChainCompleter;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Four times Node's default: sites that set dozens of cookies at once are real. What has more is read leniently, up to 256 kB. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * HTTP/1.1 by undici, without any of its interceptors: no retries (Temporal's), no redirects (ours), no decompression (pages are kept as received).
 * Its own time-outs only back up the attempt's clock, which covers all hops together and fires first.
 *
 * Its parser is strict. A GET or HEAD whose answer it does not take is sent once more within the attempt and read leniently; what must not
 * be sent twice is read leniently from the beginning.
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
  const lenient = new LenientDispatcher({
    connect: targetConnector(connecting),
    chains,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  const odd = new OddOrigins();

  function sendStrictly(outgoing: OutgoingRequest, attempt: Interruption, route: Route): Promise<Answer> {
    const { url, method, headers, body } = outgoing;
    const exchange = new HttpExchange(attempt);
    // `dispatch` and not `request`, which makes a stream and an async resource of every answer: half of what a small page costs.
    const options = {
      origin: url.origin,
      path: requestTarget(url),
      method: method as 'GET', // as: any token is fine
      headers: headers as string[],
      body: body ?? null,
      watcher: exchange,
    };
    const isUsual = !route.isFresh && (route.proxy === undefined || route.proxy.kind === 'direct');
    if (isUsual) agent.dispatch(options, exchange);
    else detours.dispatch(options, exchange, route);
    // One handler for all that may be sent again: each further promise would cost every page.
    return exchange.answer.catch((error: unknown) => {
      if (route.isFresh || !exchange.wasClosedOnReuse) return unlessMalformed(error, outgoing, attempt, route);
      // The others that are kept may be closed as well, so it is not one of them that it goes out over (RFC 9112 §9.3.1).
      const second = new HttpExchange(attempt);
      detours.dispatch({ ...options, watcher: second }, second, { ...route, isFresh: true });
      return second.answer.catch((again: unknown) => unlessMalformed(again, outgoing, attempt, route));
    });
  }

  /** Sends once more what a strict parser did not take the head of. */
  function unlessMalformed(
    error: unknown,
    outgoing: OutgoingRequest,
    attempt: Interruption,
    route: Route,
  ): Promise<Answer> {
    if (!isMalformedHead(error)) throw error;
    return sendLeniently(outgoing, attempt, route);
  }

  function sendLeniently(outgoing: OutgoingRequest, attempt: Interruption, { proxy }: Route): Promise<Answer> {
    const { url, method, headers, body } = outgoing;
    const exchange = new HttpExchange(attempt);
    const onDone = (isStandard: boolean) => odd.note(url.origin, isStandard);
    lenient.dispatch({ url, path: requestTarget(url), method, headers, body, proxy, onDone }, exchange);
    return exchange.answer;
  }

  return {
    send(outgoing, attempt, route) {
      const isLenient = route.isLenient === true || !isRepeatable(outgoing.method) || odd.has(outgoing.url.origin);
      return isLenient ? sendLeniently(outgoing, attempt, route) : sendStrictly(outgoing, attempt, route);
    },
    async close() {
      const closed = Promise.all([agent.destroy(), detours.close(), lenient.close()]);
      dials.stopAll(new errors.ClientDestroyedError());
      await closed;
    },
  };
}
