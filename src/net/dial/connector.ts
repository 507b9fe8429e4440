import type { Socket, LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { isCertificateCode } from '../tls/certificate-codes';
import type { ChainCompleter } from '../tls/chain-completer';
import type { OpenSocket } from '../tls/published-certificates';
import { startTls } from '../tls/start-tls';
import type { TlsSessions } from '../tls/tls-sessions';
import { dialHost } from './dial-host';
import type { DialTarget } from './dial-host';

/** What undici wants to connect to, perhaps with a signal that aborts when nobody wants the connection any more. */
interface ConnectOrder extends buildConnector.Options {
  readonly signal?: AbortSignal | undefined;
}

export type Connector = (order: ConnectOrder, callback: buildConnector.Callback) => void;

interface ConnectorOptions {
  /** Opens the TCP connection or the tunnel. */
  readonly open: (target: DialTarget, timeoutMs: number, signal: AbortSignal | undefined) => Promise<Socket>;
  readonly chains: ChainCompleter;
  /** Undefined: no TLS session is resumed. */
  readonly sessions?: TlsSessions | undefined;
  /** Limit for one connection: name, TCP and TLS together. */
  readonly timeoutMs: number;
}

/** Makes undici's connections: first TCP, over which the fastest address has been found, then TLS. */
export function createConnector(options: ConnectorOptions): Connector {
  return (order, callback) => {
    connect(order, options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback((error ?? new Error('not connected')) as Error, null), // undici takes no error for success
    );
  };
}

async function connect(
  { protocol, hostname, port, signal }: ConnectOrder,
  { open, chains, sessions, timeoutMs }: ConnectorOptions,
): Promise<Socket> {
  const isTls = protocol === 'https:';
  const target = { host: hostname, port: Number(port || (isTls ? 443 : 80)) };
  if (!isTls) return open(target, timeoutMs, signal);

  const secure = async (secureContext: ReturnType<ChainCompleter['contextFor']>): Promise<TLSSocket> => {
    const startedAt = performance.now();
    const socket = await open(target, timeoutMs, signal);
    const leftMs = timeoutMs - (performance.now() - startedAt);
    return startTls(socket, { ...target, timeoutMs: leftMs, secureContext, sessions, signal });
  };
  const first = chains.contextFor(target);
  try {
    return await secure(first);
  } catch (error) {
    const way: OpenSocket = (to, limitMs) => open(to, limitMs, undefined); // It has no signal, because all who ask share the result.
    const second = await chains.contextAfter(error, target, first, { open: way, timeoutMs });
    if (second === undefined) throw error;
    return await secure(second).catch((reason: unknown) => {
      if (isCertificateCode((reason as { readonly code?: unknown }).code)) chains.noteUseless(target);
      throw reason;
    });
  }
}

interface TargetConnectorOptions {
  /** The guard's lookup, which decides what is dialled. */
  readonly lookup: LookupFunction;
  readonly chains: ChainCompleter;
  /** Undefined: no TLS session is resumed. */
  readonly sessions?: TlsSessions | undefined;
  /** Limit for one connection: name, TCP and TLS together. */
  readonly timeoutMs: number;
}

/** undici's own value. With more read ahead, large pages take fewer reads. */
const HIGH_WATER_MARK = 64 * 1024;

/** Makes undici's connections from the machine's own address. */
export function targetConnector({ lookup, ...options }: TargetConnectorOptions): Connector {
  return createConnector({
    ...options,
    open: (target, timeoutMs, signal) =>
      dialHost(target, { lookup, timeoutMs, signal, highWaterMark: HIGH_WATER_MARK }),
  });
}
