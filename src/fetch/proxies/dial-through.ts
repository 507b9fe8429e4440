import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createConnector } from '../../net/dial/connector';
import type { Connector } from '../../net/dial/connector';
import { dialHost } from '../../net/dial/dial-host';
import { lookupName } from '../../net/dns/shared-names';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { TlsSessions } from '../../net/tls/tls-sessions';
import { connectHandshake, socks5Handshake } from './handshakes';
import { HandshakeEndedError, HandshakeReader } from './handshake-reader';
import type { HandshakeChannel, Target } from './handshake-reader';
import { ProxyError } from './proxy';
import type { Proxy, ProxyStage } from './proxy';

export interface DialOptions {
  /** Time for everything up to the open tunnel; more than 10 s counts as 10 s. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_TIMEOUT_MS = 10_000;

/** Hosts that SOCKS5 can carry (RFC 1928 §5: one byte tells the length), without characters that would end a line of HTTP. */
const HOST = /^[\x21-\x7e]{1,255}$/;

/**
 * Opens a tunnel to `target` through `proxy`. TLS to the target is the caller's part.
 * Rejects with a {@link ProxyError} or with the signal's reason, and leaves nothing open then. The caller destroys the socket,
 * which has a listener for `error` already, so that a failure nobody waits for does not end the process.
 */
export async function dialThrough(proxy: Proxy, target: Target, { timeoutMs, signal }: DialOptions): Promise<Socket> {
  if (proxy.kind === 'direct') throw new TypeError('a direct route has no proxy to dial through');
  signal?.throwIfAborted();
  if (!HOST.test(target.host)) throw Object.assign(new Error('no host has such a name'), { code: 'ENOTFOUND' });
  const limitMs = Math.min(timeoutMs, MAX_TIMEOUT_MS);
  const ending = new AbortController();
  let stage: ProxyStage = 'connect';
  let isMidway = () => false;
  const onTime = () => {
    // Once the proxy knows the target, its silence may be the target's fault, and must not count against the proxy.
    const silent = stage === 'tunnel' && isMidway() ? 'handshake' : stage;
    ending.abort(new ProxyError(proxy.id, silent, `took longer than ${limitMs} ms`));
  };
  const timer = setTimeout(onTime, limitMs);
  const onAbort = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  let socket: Socket | undefined;
  const cut = () => socket?.destroy();
  ending.signal.addEventListener('abort', cut);
  let socketError: unknown;
  try {
    socket = await openSocket(proxy, limitMs, ending.signal);
    socket.on('error', (error) => (socketError ??= error));
    ending.signal.throwIfAborted();
    if (proxy.kind === 'https') await connected(socket);
    stage = 'handshake';
    const reader = new HandshakeReader(socket);
    isMidway = () => reader.isMidway;
    const channel: HandshakeChannel = {
      reader,
      write: (bytes) => socket?.write(bytes),
      onAsked: () => (stage = 'tunnel'),
    };
    await (proxy.kind === 'socks5' ? socks5Handshake : connectHandshake)(channel, proxy, target);
    reader.release();
    if (socket.destroyed) throw new HandshakeEndedError();
    return socket;
  } catch (error) {
    socket?.destroy();
    if (ending.signal.aborted) throw ending.signal.reason;
    if (error instanceof ProxyError) throw error;
    const isConnected = stage !== 'connect';
    const what = isConnected ? 'closed during the handshake' : 'cannot be connected to';
    throw new ProxyError(proxy.id, isMidway() ? 'handshake' : stage, what, { cause: socketError ?? error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    ending.signal.removeEventListener('abort', cut);
  }
}

/** Connects to the proxy itself. The operator has chosen it, so the guard does not check its address. */
async function openSocket({ kind, host, port }: Proxy, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const socket = await dialHost({ host, port }, { lookup: lookupName, timeoutMs: 2 * timeoutMs, signal }); // This is longer than the signal's own limit, which fires first.
  if (kind !== 'https') return socket;
  return connectTls({ socket, host, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error('closed'))); // `close` follows both `error` and `destroy`
  });
}

export interface ProxyConnectorOptions {
  readonly chains: ChainCompleter;
  /** Time for the tunnel and TLS to the target together. */
  readonly timeoutMs: number;
}

/**
 * Makes undici's connections through a proxy: a tunnel for http and https targets alike, the name resolved by the proxy.
 * It replaces undici's ProxyAgent (7.30), which waits five minutes for the answer to CONNECT, sends no credentials without a password and tells
 * a 407 by its text only; its SOCKS5 drops our limits, keeps a pool per origin for ever and cannot name an IPv6 literal.
 */
export function proxyConnector(proxy: Proxy, { chains, timeoutMs }: ProxyConnectorOptions): Connector {
  return createConnector({
    ...{ chains, timeoutMs, sessions: new TlsSessions(100) },
    open: (target, limitMs, signal) => dialThrough(proxy, target, { timeoutMs: limitMs, signal }),
  });
}
