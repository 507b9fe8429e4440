import type { EngineName } from '../jobs/tried-attempt';
import type { Route } from './engines/engine';

/** How one attempt goes out: all its hops, through the same proxy. */
export interface FetchRoute extends Route {
  readonly engine: EngineName;
}

export const PLAIN_ROUTE: FetchRoute = { engine: 'http', profile: 'chrome', isFresh: false, proxy: undefined };
