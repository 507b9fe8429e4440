import { buildConnector } from 'undici';
import { dialThrough } from '../proxies/dial-through';
import type { Proxy } from '../proxies/proxy';

export interface ProxyConnectorOptions {
  /** Of the tunnel, and again of TLS to the target. */
  readonly timeoutMs: number;
  /** Ends what is being dialled. */
  readonly signal: AbortSignal;
}

/**
 * Makes undici's connections through a proxy: a tunnel for http and https targets alike, the name resolved by the proxy.
 * Not undici's ProxyAgent (7.30), which waits five minutes for the answer to CONNECT, sends no credentials without a password and tells
 * a 407 by its text only; its SOCKS5 drops our limits, keeps a pool per origin for ever and cannot name an IPv6 literal.
 */
export function proxyConnector(proxy: Proxy, { timeoutMs, signal }: ProxyConnectorOptions): buildConnector.connector {
  const startTls = buildConnector({ timeout: timeoutMs }); // with the usual check of certificates
  return (options, callback) => {
    const isTls = options.protocol === 'https:';
    const target = { host: options.hostname, port: Number(options.port || (isTls ? 443 : 80)) };
    dialThrough(proxy, target, { timeoutMs, signal }).then(
      (socket) => (isTls ? startTls({ ...options, httpSocket: socket }, callback) : callback(null, socket)),
      (error: unknown) => callback(error as Error, null),
    );
  };
}
