import type { EngineName } from '../contracts/tried-attempt';
import type { HeaderProfileName } from './engines/engine';
import type { Proxy } from './proxies/proxy';

/** How one attempt goes out: all its hops, through the same proxy. */
export interface FetchRoute {
  readonly engine: EngineName;
  readonly profile: HeaderProfileName;
  readonly isFresh: boolean;
  /** Undefined: the machine's own address. */
  readonly proxy: Proxy | undefined;
}

export const PLAIN_ROUTE: FetchRoute = { engine: 'http', profile: 'chrome', isFresh: false, proxy: undefined };
