import type { Proxy } from '../proxies/proxy';

/** How an engine without hooks reaches the internet: a proxy on loopback that guards every connection. */
export interface EgressAddress {
  /** `http://127.0.0.1:<port>` */
  readonly server: string;
  /** Name the way out, and keep other processes of the machine from using it. */
  readonly username: string;
  readonly password: string;
}

export interface EgressProxy {
  /** The address for traffic that leaves through `proxy`, or directly. The same for the same proxy. */
  addressFor(proxy: Proxy | undefined): EgressAddress;
  close(): Promise<void>;
}
