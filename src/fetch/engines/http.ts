import { errors } from 'undici';
import type { LookupFunction } from 'node:net';
import type { Interruption } from '../attempt-clock';
import { targetConnector } from '../../net/dial/connector';
import { LenientDispatcher, LenientOrigins } from '../lenient/lenient-dispatcher';
import { requestTarget } from '../request-target';
import { defaultChains } from '../../net/tls/chain-completer';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { TlsSessions } from '../../net/tls/tls-sessions';
import { OpenDials, watchedAgent } from './connection-use';
import { RouteAgents } from './route-agents';
import type { Answer, FetchEngine, OutgoingRequest, Route } from './engine';
import { HttpExchange } from './http-exchange';
import { isMalformedHead, isRepeatable } from './malformed';

export interface HttpEngineOptions {
  /** The guard's lookup, which decides which addresses are dialled. */
  readonly lookup: LookupFunction;
  readonly attemptTimeoutMs: number;
  readonly connectionsPerHost: number;
  /** Completes certificate chains. @default the authorities that Node trusts, and the intermediates that they publish on the public internet */
  readonly chains?: ChainCompleter;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Four times Node's default, because some sites set dozens of cookies at once. Larger heads are read leniently, up to 256 kB. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * HTTP/1.1 by undici without its interceptors: Temporal retries, redirects are followed above, and bodies are kept as received.
 * Its own time-outs only back up the attempt's clock, which covers all hops together and fires first.
 *
 * undici's parser is strict. A GET or HEAD whose answer it rejects is sent once more within the attempt and read leniently; requests that
 * must not be sent twice are read leniently from the start.
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
  const routeAgents = new RouteAgents({
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
  const lenientOrigins = new LenientOrigins();

  function sendStrictly(outgoing: OutgoingRequest, attempt: Interruption, route: Route): Promise<Answer> {
    const { url, method, headers, body } = outgoing;
    const exchange = new HttpExchange(attempt);
    // `request` would make a stream and an async resource of every answer, which is half of what a small page costs.
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
    else routeAgents.dispatch(options, exchange, route);
    // One handler covers all reasons to send again, because each further promise would cost every page.
    return exchange.answer.catch((error: unknown) => {
      if (route.isFresh || !exchange.wasClosedOnReuse) return unlessMalformed(error, outgoing, attempt, route);
      // Other kept connections may be closed as well, so the second request gets a new one (RFC 9112 §9.3.1).
      const second = new HttpExchange(attempt);
      routeAgents.dispatch({ ...options, watcher: second }, second, { ...route, isFresh: true });
      return second.answer.catch((again: unknown) => unlessMalformed(again, outgoing, attempt, route));
    });
  }

  /** Sends the request again, to be read leniently, if the strict parser rejected the head of the answer; otherwise throws `error`. */
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
    const onDone = (isStandard: boolean) => lenientOrigins.note(url.origin, isStandard);
    lenient.dispatch({ url, path: requestTarget(url), method, headers, body, proxy, onDone }, exchange);
    return exchange.answer;
  }

  return {
    send(outgoing, attempt, route) {
      const isLenient =
        route.isLenient === true || !isRepeatable(outgoing.method) || lenientOrigins.has(outgoing.url.origin);
      return isLenient ? sendLeniently(outgoing, attempt, route) : sendStrictly(outgoing, attempt, route);
    },
    async close() {
      const closed = Promise.all([agent.destroy(), routeAgents.close(), lenient.close()]);
      dials.stopAll(new errors.ClientDestroyedError());
      await closed;
    },
  };
}
