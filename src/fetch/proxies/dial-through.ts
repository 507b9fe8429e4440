import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectHandshake } from './connect-handshake';
import { HandshakeEndedError, HandshakeReader } from './handshake-reader';
import type { Proxy } from './proxy';
import { ProxyError } from './proxy-error';
import { socks5Handshake } from './socks5-handshake';

export interface Target {
  /** A name, which the proxy resolves, or an IP literal without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface DialOptions {
  /** For everything up to the open tunnel; more than 10 s counts as 10 s. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What a handshake has to do with. */
export interface HandshakeChannel {
  readonly reader: HandshakeReader;
  readonly write: (bytes: string | Uint8Array) => void;
  /** To be called before the target is named. */
  readonly onAsked: () => void;
}

const MAX_TIMEOUT_MS = 10_000;

/** As long as SOCKS5 can carry (RFC 1928 §5: one byte tells the length), and nothing that would end a line of HTTP. */
const HOST = /^[\x21-\x7e]{1,255}$/;

/**
 * A connection to `target` through `proxy`: what is written to it the target reads. TLS to the target is the caller's part.
 * Rejects with a {@link ProxyError}, or with the signal's reason; then nothing stays open. The caller destroys the socket,
 * which has a listener for `error` already, so that a failure nobody waits for does not end the process.
 */
export async function dialThrough(proxy: Proxy, target: Target, { timeoutMs, signal }: DialOptions): Promise<Socket> {
  if (proxy.kind === 'direct') throw new TypeError('a direct route has no proxy to dial through');
  signal?.throwIfAborted();
  if (!HOST.test(target.host)) throw Object.assign(new Error('no host has such a name'), { code: 'ENOTFOUND' });
  const socket = openSocket(proxy);
  const reader = new HandshakeReader(socket);
  let isConnected = false;
  let isAsked = false;
  let givenUpFor: { readonly reason: unknown } | undefined;
  let socketError: unknown;
  const giveUp = (reason: unknown) => {
    givenUpFor = { reason };
    socket.destroy();
  };
  // Silence once it knows the target may be the target's: a proxy answers when it has reached it. That must not count against the proxy.
  const stage = () => (!isConnected ? 'connect' : isAsked && !reader.isMidway ? 'tunnel' : 'handshake');
  const limitMs = Math.min(timeoutMs, MAX_TIMEOUT_MS);
  const timer = setTimeout(() => giveUp(new ProxyError(proxy.id, stage(), `took longer than ${limitMs} ms`)), limitMs);
  const onAbort = () => giveUp(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  socket.on('error', (error) => (socketError ??= error));
  try {
    await connected(socket, proxy.kind === 'https' ? 'secureConnect' : 'connect');
    isConnected = true;
    const channel: HandshakeChannel = {
      reader,
      write: (bytes) => socket.write(bytes),
      onAsked: () => (isAsked = true),
    };
    await (proxy.kind === 'socks5' ? socks5Handshake : connectHandshake)(channel, proxy, target);
    reader.release();
    if (socket.destroyed) throw new HandshakeEndedError();
    return socket;
  } catch (error) {
    socket.destroy();
    if (givenUpFor !== undefined) throw givenUpFor.reason;
    if (error instanceof ProxyError) throw error;
    const what = isConnected ? 'closed during the handshake' : 'cannot be connected to';
    throw new ProxyError(proxy.id, stage(), what, { cause: socketError ?? error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function openSocket({ kind, host, port }: Proxy): Socket {
  const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  if (kind !== 'https') return connect(options);
  return connectTls({ ...options, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}

function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('close', () => reject(new Error('closed'))); // after `error`, and after `destroy`
  });
}
