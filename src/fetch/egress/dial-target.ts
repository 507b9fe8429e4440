import type { Socket } from 'node:net';
import { dialHost } from '../../net/dial/dial-host';
import type { Guard } from '../../net/guard';
import type { dialThrough as DialThrough } from '../proxies/dial-through';
import { authorityOf } from './target-of';
import type { EgressTarget } from './target-of';
import type { OutboundRoute } from './outbound-routes';

/** Connects to a target that the guard lets through, and notes in the outbound route when it does not succeed. */
export type Dial = (route: OutboundRoute, target: EgressTarget, signal: AbortSignal) => Promise<Socket>;

export interface DiallerDeps {
  readonly guard: Guard;
  readonly dialThrough: typeof DialThrough;
  readonly connectTimeoutMs: number;
}

export function createDialler({ guard, dialThrough, connectTimeoutMs }: DiallerDeps): Dial {
  const open = async ({ proxy }: OutboundRoute, target: EgressTarget, signal: AbortSignal): Promise<Socket> => {
    guard.assertUrl(target.url);
    if (proxy === undefined || proxy.kind === 'direct') return dialDirectly(target, signal);
    // The proxy looks the name up, so what it dials is not seen here: the name must at least not be one of our own network.
    await within(connectTimeoutMs, guard.checkName(target.host), target.host);
    signal.throwIfAborted();
    return dialThrough(proxy, target, { timeoutMs: connectTimeoutMs, signal });
  };

  const dialDirectly = (target: EgressTarget, signal: AbortSignal): Promise<Socket> =>
    // The guard's lookup gives the addresses that it has checked, and these are what is dialled.
    dialHost(target, {
      ...{ lookup: guard.lookup, timeoutMs: connectTimeoutMs, signal },
      timeoutError: () => connectTimeoutOf(target.host),
    });

  return async (route, target, signal) => {
    const authority = authorityOf(target.url);
    try {
      const socket = await open(route, target, signal);
      route.troubles.clear(authority);
      return socket;
    } catch (error) {
      if (!signal.aborted) route.troubles.set(authority, error);
      throw error;
    }
  };
}

async function within(timeoutMs: number, work: Promise<void>, host: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(connectTimeoutOf(host)), timeoutMs);
  });
  await Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
}

function connectTimeoutOf(host: string): Error {
  return Object.assign(new Error(`connecting to ${host} took too long`), { code: 'ETIMEDOUT' });
}
