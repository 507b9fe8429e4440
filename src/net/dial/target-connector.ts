import type { LookupFunction } from 'node:net';
import type { ChainCompleter } from '../tls/chain-completer';
import type { TlsSessions } from '../tls/tls-sessions';
import { createConnector } from './connector';
import type { Connector } from './connector';
import { dialHost } from './dial-host';

export interface TargetConnectorOptions {
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
