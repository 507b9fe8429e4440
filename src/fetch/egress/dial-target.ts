import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Guard } from '../guard';
import type { dialThrough as DialThrough } from '../proxies/dial-through';
import { authorityOf } from './target-of';
import type { EgressTarget } from './target-of';
import type { WayOut } from './ways-out';

/** Connects to a target that the guard lets through, and notes in the way out when it does not succeed. */
export type Dial = (way: WayOut, target: EgressTarget, signal: AbortSignal) => Promise<Socket>;

export interface DiallerDeps {
  readonly guard: Guard;
  readonly dialThrough: typeof DialThrough;
  readonly connectTimeoutMs: number;
}

export function createDialler({ guard, dialThrough, connectTimeoutMs }: DiallerDeps): Dial {
  const open = async ({ proxy }: WayOut, target: EgressTarget, signal: AbortSignal): Promise<Socket> => {
    guard.assertUrl(target.url);
    if (proxy === undefined || proxy.kind === 'direct') return dialDirectly(target, signal);
    // The proxy looks the name up, so what it dials is not seen here: the name must at least not be one of our own network.
    await within(connectTimeoutMs, guard.checkName(target.host), target.host);
    signal.throwIfAborted();
    return dialThrough(proxy, target, { timeoutMs: connectTimeoutMs, signal });
  };

  const dialDirectly = ({ host, port }: EgressTarget, signal: AbortSignal): Promise<Socket> =>
    new Promise((resolve, reject) => {
      // The guard's lookup gives the addresses that it has checked, and these are what is dialled.
      const socket = connect({ host, port, lookup: guard.lookup, noDelay: true });
      const giveUp = (reason: Error) => {
        socket.destroy();
        settle(() => reject(reason));
      };
      const timer = setTimeout(() => giveUp(connectTimeoutOf(host)), connectTimeoutMs);
      const onAbort = () => giveUp(signal.reason as Error); // as: whatever it is, it is handed on
      const settle = (end: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        end();
      };
      socket.on('error', giveUp); // stays: nobody may be listening when a later error comes
      socket.once('connect', () => settle(() => resolve(socket)));
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });

  return async (way, target, signal) => {
    const authority = authorityOf(target.url);
    try {
      const socket = await open(way, target, signal);
      way.troubles.clear(authority);
      return socket;
    } catch (error) {
      if (!signal.aborted) way.troubles.set(authority, error);
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
