import type { ProxyTier } from '../../jobs/features';

export type { ProxyTier };

/** A way out to the internet. Its password must never be logged: show `id`. */
export interface Proxy {
  /** Scheme, host and port, without credentials; what logs, sessions and scores call it. `direct` is the machine's own address. */
  readonly id: string;
  readonly kind: 'http' | 'https' | 'socks5' | 'direct';
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tier: ProxyTier;
  /** ISO 3166 alpha-2, lower case. */
  readonly country: string | undefined;
  /** Share of the traffic among the proxies that are as good, above 0. @default 1 */
  readonly weight: number;
}
