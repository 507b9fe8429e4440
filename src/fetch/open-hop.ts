import { canonicalHost } from './allow-list';
import type { AttemptClock } from './attempt-clock';
import type { FetchEngine, Route } from './engines/engine';
import type { FetchRoute } from './fetch-route';
import type { Guard } from './guard';
import type { HostLimiter } from './host-limiter';
import type { HopRequest } from './next-request';
import type { OpenAnswer } from './redirects';
import { headersOf } from './request-headers';

export interface HopDeps {
  readonly guard: Pick<Guard, 'checkName'>;
  readonly limiter: HostLimiter;
  /** Of those that were given: the plain one is always there. */
  readonly engineOf: (name: FetchRoute['engine']) => FetchEngine;
  /** Waits for its turn at a host whose pace is limited; undefined when there is nothing to wait for. */
  readonly pass?: ((host: string, signal: AbortSignal) => Promise<void> | undefined) | undefined;
}

export interface HopOptions {
  readonly route: FetchRoute;
  readonly deviceType: 'desktop' | 'mobile';
  readonly cookie: string | undefined;
  readonly clock: AttemptClock;
  /** The first request of an attempt has had its turn when the attempt got its slot. */
  readonly isFirst: boolean;
}

/** Sends one request of a chain, in its host's turn. */
export async function openHop(hop: HopRequest, options: HopOptions, deps: HopDeps): Promise<OpenAnswer> {
  const { route, deviceType, cookie, clock } = options;
  const host = canonicalHost(hop.url.hostname);
  if (!options.isFirst) {
    const turn = deps.pass?.(host, clock.signal);
    if (turn !== undefined) await clock.paused(() => turn);
  }
  const leave = deps.limiter.tryAcquire(host) ?? (await clock.paused(() => deps.limiter.acquire(host, clock.signal)));
  try {
    // The proxy looks names up, so the address that it will dial is not seen here: the name must at least not be one of our own network.
    if (route.proxy !== undefined) await deps.guard.checkName(hop.url.hostname);
    const headers = headersOf(hop, deviceType, cookie, route.profile);
    const { url, method, body } = hop;
    const answer = await deps
      .engineOf(route.engine)
      .send({ url, method, body, headers, deviceType }, clock, route satisfies Route);
    const close = () => {
      answer.body.abandon();
      leave();
    };
    return { answer, close };
  } catch (error) {
    leave();
    throw error;
  }
}
