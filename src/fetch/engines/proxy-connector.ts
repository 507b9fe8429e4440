import type { Connector } from '../../net/dial/connector';
import { createConnector } from '../../net/dial/connector';
import { dialThrough } from '../proxies/dial-through';
import type { Proxy } from '../proxies/proxy';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { TlsSessions } from '../../net/tls/tls-sessions';

export interface ProxyConnectorOptions {
  readonly chains: ChainCompleter;
  /** Time for the tunnel and TLS to the target together. */
  readonly timeoutMs: number;
}

/**
 * Makes undici's connections through a proxy: a tunnel for http and https targets alike, the name resolved by the proxy.
 * Not undici's ProxyAgent (7.30), which waits five minutes for the answer to CONNECT, sends no credentials without a password and tells
 * a 407 by its text only; its SOCKS5 drops our limits, keeps a pool per origin for ever and cannot name an IPv6 literal.
 */
export function proxyConnector(proxy: Proxy, { chains, timeoutMs }: ProxyConnectorOptions): Connector {
  return createConnector({
    ...{ chains, timeoutMs, sessions: new TlsSessions(100) },
    open: (target, limitMs, signal) => dialThrough(proxy, target, { timeoutMs: limitMs, signal }),
  });
}
