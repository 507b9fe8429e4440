import type { ProxyTier } from './features';

/** How a proxy does at a host, or at all, as one worker sees it. */
export interface ProxyScore {
  /** Host of targets; empty for the proxy as a whole. */
  readonly host: string;
  /** Scheme, host and port of the proxy, without credentials. */
  readonly name: string;
  readonly tier: ProxyTier;
  /** ISO 3166 alpha-2, lower case. */
  readonly country?: string;
  /** From 1 (nothing against it) down to a little above 0: how much of its share of the traffic it gets. */
  readonly score: number;
  /** Until when it is not used at all. */
  readonly restsUntil?: Date;
}
