import { errors } from 'undici';
import type { Agent, Client, Dispatcher } from 'undici';
import type { Proxy } from '../proxies/proxy';
import { defaultChains } from '../../net/tls/chain-completer';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { OpenDials, WatchedClient, watchedAgent } from './connection-use';
import type { WatchedDispatch } from './connection-use';
import type { Route } from './engine';
import { proxyConnector } from '../proxies/dial-through';

export interface RouteAgentsOptions {
  /** Connector for requests without a proxy. */
  readonly connect: NonNullable<Agent.Options['connect']>;
  /** Completes certificate chains. @default as in the `http` engine */
  readonly chains?: ChainCompleter;
  readonly connectTimeoutMs: number;
  /** Maximum number of connections per proxy and origin. */
  readonly connections: number;
  /** Time-outs and limits that hold for every connection. */
  readonly limits: Client.Options;
  /** Maximum number of proxies whose connections are kept. @default 200 */
  readonly maxProxies?: number;
}

/** The agents for all routes but the usual one: through a proxy, or over a connection that serves one request only. */
export class RouteAgents {
  readonly #options: RouteAgentsOptions;
  readonly #dials = new OpenDials();
  #isClosing = false;
  /** Agents by proxy id, the least recently used first. */
  readonly #agents = new Map<string, Agent>();
  /** Dispatchers that take no new request and close once those in flight have ended. */
  readonly #draining = new Set<Dispatcher>();

  constructor(options: RouteAgentsOptions) {
    this.#options = options;
  }

  dispatch(
    request: WatchedDispatch & { readonly origin: string },
    handler: Dispatcher.DispatchHandler,
    { proxy, isFresh }: Route,
  ): void {
    if (this.#isClosing) {
      // The usual agent answers the same; and a client made now would never be destroyed.
      handler.onResponseError?.(undefined as never, new errors.ClientDestroyedError()); // as: without a request, as undici does it
      return;
    }
    const tunnel = proxy?.kind === 'direct' ? undefined : proxy;
    if (tunnel !== undefined && !isFresh) {
      this.#agentOf(tunnel).dispatch(request, handler);
      return;
    }
    // A fresh connection is a client of its own, because no browser sends `connection: close`. It resumes no TLS session either, by which
    // a target could recognise us.
    const { limits } = this.#options;
    const client = new WatchedClient(request.origin, { ...limits, connect: this.#connectOf(tunnel) }, this.#dials);
    client.dispatch(request, handler);
    this.#leave(client);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = Promise.all([...this.#agents.values(), ...this.#draining].map((dispatcher) => dispatcher.destroy()));
    this.#dials.stopAll(new errors.ClientDestroyedError());
    await closed;
  }

  #agentOf(proxy: Proxy): Agent {
    const known = this.#agents.get(proxy.id);
    const { connections, limits, maxProxies = 200 } = this.#options;
    const agent = known ?? watchedAgent({ ...limits, connections, connect: this.#connectOf(proxy) }, this.#dials);
    this.#agents.delete(proxy.id);
    this.#agents.set(proxy.id, agent);
    if (this.#agents.size > maxProxies) this.#dropOldest();
    return agent;
  }

  #dropOldest(): void {
    for (const [id, agent] of this.#agents) {
      this.#agents.delete(id);
      return this.#leave(agent);
    }
  }

  #leave(dispatcher: Dispatcher): void {
    this.#draining.add(dispatcher);
    dispatcher.close(() => this.#draining.delete(dispatcher));
  }

  #connectOf(proxy: Proxy | undefined): RouteAgentsOptions['connect'] {
    const { connect, chains = defaultChains(), connectTimeoutMs } = this.#options;
    return proxy === undefined ? connect : proxyConnector(proxy, { chains, timeoutMs: connectTimeoutMs });
  }
}
