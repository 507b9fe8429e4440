import { errors } from 'undici';
import type { Agent, Client, Dispatcher } from 'undici';
import type { Proxy } from '../proxies/proxy';
import { defaultChains } from '../../net/tls/chain-completer';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { OpenDials, WatchedClient, watchedAgent } from './connection-use';
import type { WatchedDispatch } from './connection-use';
import type { Route } from './engine';
import { proxyConnector } from './proxy-connector';

export interface DetoursOptions {
  /** How a request without a proxy connects. */
  readonly connect: NonNullable<Agent.Options['connect']>;
  /** @default as in the `http` engine */
  readonly chains?: ChainCompleter;
  readonly connectTimeoutMs: number;
  /** Per proxy and origin. */
  readonly connections: number;
  /** What holds for every connection. */
  readonly limits: Client.Options;
  /** Proxies whose connections are kept. @default 200 */
  readonly maxProxies?: number;
}

/** The ways out besides the usual one: through a proxy, or over a connection that serves one request only. */
export class Detours {
  readonly #options: DetoursOptions;
  readonly #dials = new OpenDials();
  #isClosing = false;
  /** By id, the least recently used first. */
  readonly #agents = new Map<string, Agent>();
  /** Take nothing more, and close after what they have in flight. */
  readonly #leaving = new Set<Dispatcher>();

  constructor(options: DetoursOptions) {
    this.#options = options;
  }

  dispatch(
    request: WatchedDispatch & { readonly origin: string },
    handler: Dispatcher.DispatchHandler,
    { proxy, isFresh }: Route,
  ): void {
    if (this.#isClosing) {
      // As the usual agent answers then. What would be made now nobody would destroy.
      handler.onResponseError?.(undefined as never, new errors.ClientDestroyedError()); // as: without a request, as undici does it
      return;
    }
    const tunnel = proxy?.kind === 'direct' ? undefined : proxy;
    if (tunnel !== undefined && !isFresh) {
      this.#agentOf(tunnel).dispatch(request, handler);
      return;
    }
    // A client of its own and not `connection: close`, which no browser sends. It resumes no TLS session either, by which a target could
    // tell that it has met us before.
    const { limits } = this.#options;
    const client = new WatchedClient(request.origin, { ...limits, connect: this.#connectOf(tunnel) }, this.#dials);
    client.dispatch(request, handler);
    this.#leave(client);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = Promise.all([...this.#agents.values(), ...this.#leaving].map((dispatcher) => dispatcher.destroy()));
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
    this.#leaving.add(dispatcher);
    dispatcher.close(() => this.#leaving.delete(dispatcher));
  }

  #connectOf(proxy: Proxy | undefined): DetoursOptions['connect'] {
    const { connect, chains = defaultChains(), connectTimeoutMs } = this.#options;
    return proxy === undefined ? connect : proxyConnector(proxy, { chains, timeoutMs: connectTimeoutMs });
  }
}
