import { canonicalHost } from '../net/allow-list';
import type { FetchEngine } from './engines/engine';
import { isClosedEarly, isMalformed, isRepeatable } from './engines/malformed';
import type { FetchRoute } from './fetch-route';
import type { Guard } from '../net/guard';
import { headerValue } from '../http/header-value';
import type { HostLimiter } from '../scheduling/host-limiter';
import type { HopRequest } from './next-request';
import type { OpenAnswer } from './redirects';
import { headersOf } from './request-headers';
import type { RunningAttempt } from './running-attempt';

export interface HopDeps {
  readonly guard: Pick<Guard, 'checkName'>;
  readonly limiter: HostLimiter;
  readonly engineOf: (name: FetchRoute['engine']) => FetchEngine;
  /**
   * Waits for its turn at a host whose pace is limited; undefined when there is nothing to wait for.
   * @param isSameVisit the attempt has had a turn there: at a slow pace, that is for all of its requests
   */
  readonly pass: (host: string, signal: AbortSignal, isSameVisit: boolean) => Promise<void> | undefined;
}

export interface HopOptions {
  readonly deviceType: 'desktop' | 'mobile';
  readonly cookie: string | undefined;
  /** It has had its turn at the host, just now. */
  readonly hasTurn: boolean;
}

/** Sends one request of a chain, in its host's turn. */
export async function openHop(
  hop: HopRequest,
  attempt: RunningAttempt,
  { deviceType, cookie, hasTurn }: HopOptions,
  { guard, limiter, engineOf, pass }: HopDeps,
): Promise<OpenAnswer> {
  const { clock, route } = attempt;
  const host = (attempt.host = canonicalHost(hop.url.hostname));
  const free = limiter.tryAcquire(host);
  const leave = free ?? (await clock.paused(() => limiter.acquire(host, clock.signal)));
  try {
    const turn = hasTurn && free !== undefined ? undefined : pass(host, clock.signal, host === attempt.firstHost);
    if (turn !== undefined) await clock.paused(() => turn);
    // The proxy looks names up, so the address that it will dial is not seen here: the name must at least not be one of our own network.
    if (route.proxy !== undefined) await guard.checkName(hop.url.hostname);
    const { url, method, body } = hop;
    const headers = headersOf(hop, deviceType, cookie, route.profile);
    clock.throwIfOver(); // while it waited: what is sent now, nobody would end any more
    const engine = engineOf(route.engine);
    const outgoing = { url, method, body, headers, deviceType };
    let answer = await engine.send(outgoing, clock, route);
    const repeatLeniently = async (error: unknown) => {
      // A last chunk without the empty line behind it looks like a body that is cut off.
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
