import { headerValue } from '../http/header-value';
import type { EngineName } from '../jobs/tried-attempt';
import { canonicalHost } from '../net/allow-list';
import type { Guard } from '../net/guard';
import type { AttemptClock } from './attempt-clock';
import type { SessionCookies } from './cookie-jar';
import type { FetchEngine, Route } from './engines/engine';
import { isClosedEarly, isMalformed, isRepeatable } from './engines/malformed';
import type { HostVisit } from './host-visit';
import type { HopRequest } from './next-request';
import type { OpenAnswer } from './redirects';
import { headersOf } from './request-headers';

/** An attempt under way. */
export interface RunningAttempt {
  readonly clock: AttemptClock;
  readonly route: FetchRoute;
  readonly session: SessionCookies | undefined;
  readonly visit: HostVisit;
}

export interface HopDeps {
  readonly guard: Pick<Guard, 'checkName'>;
  readonly engineOf: (name: FetchRoute['engine']) => FetchEngine;
}

export interface HopOptions {
  readonly deviceType: 'desktop' | 'mobile';
  readonly cookie: string | undefined;
}

/** Sends one request of a chain, in its host's turn. */
export async function openHop(
  hop: HopRequest,
  { clock, route, visit }: RunningAttempt,
  { deviceType, cookie }: HopOptions,
  { guard, engineOf }: HopDeps,
): Promise<OpenAnswer> {
  const leave = await visit.enter(canonicalHost(hop.url.hostname), clock);
  try {
    // The proxy resolves the name, so the address that it dials is not seen here. The name must at least not be one of our own network.
    if (route.proxy !== undefined) await guard.checkName(hop.url.hostname);
    const { url, method, body } = hop;
    const headers = headersOf(hop, deviceType, cookie, route.profile);
    clock.throwIfOver(); // the attempt may have ended while it waited, and nothing would end a request sent now
    const engine = engineOf(route.engine);
    const outgoing = { url, method, body, headers, deviceType };
    let answer = await engine.send(outgoing, clock, route);
    const repeatLeniently = async (error: unknown) => {
      // A last chunk without its empty line looks like a truncated body.
      const mayBeWhole = isClosedEarly(error) && headerValue(answer.headers, 'content-length') === undefined;
      if (!(isMalformed(error) || mayBeWhole) || !isRepeatable(method)) throw error;
      clock.throwIfOver();
      return (answer = await engine.send(outgoing, clock, { ...route, isLenient: true }));
    };
    const close = () => {
      answer.body.abandon();
      leave();
    };
    return { answer, repeatLeniently, close };
  } catch (error) {
    leave();
    throw error;
  }
}

/** The engine, headers and proxy of one attempt, the same for all its hops. */
export interface FetchRoute extends Route {
  readonly engine: EngineName;
}

export const PLAIN_ROUTE: FetchRoute = { engine: 'http', profile: 'chrome', isFresh: false, proxy: undefined };
