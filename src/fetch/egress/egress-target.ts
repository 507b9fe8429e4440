import type { Socket } from 'node:net';
import { untilAborted } from '../../async/until-aborted';
import { dialHost } from '../../net/dial/dial-host';
import type { Guard } from '../../net/guard';
import { parseUrl } from '../../net/parse-url';
import type { dialThrough as DialThrough } from '../proxies/dial-through';
import type { OutboundRoute } from './outbound-routes';
import { RefusedError } from './refusal';

/** Target of a client of the egress proxy. */
export interface EgressTarget {
  /** URL that the guard checks. Its host is the one that is dialled, so that both read it the same way. */
  readonly url: URL;
  /** A name or an IP literal without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Parses the `host:port` of a CONNECT (RFC 9112 §3.2.3). Throws a {@link RefusedError}. */
export function targetOfAuthority(authority: string): EgressTarget {
  if (!/^(\[[0-9a-f:.]+\]|[^\s:@/?#\\[\]]+):\d{1,5}$/i.test(authority)) throw new RefusedError(400);
  return targetOf(parseUrl(`https://${authority}`));
}

/** Parses the absolute URL of a plain request (RFC 9112 §3.2.2). Throws a {@link RefusedError}. */
export function targetOfUrl(text: string): EgressTarget {
  if (!/^http:\/\/[^/?#]/i.test(text)) throw new RefusedError(400);
  return targetOf(parseUrl(text));
}

/** Host and port in one notation, however the URL was written. */
export function authorityOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port === '' ? defaultPortOf(protocol) : port}`;
}

function targetOf(url: URL | undefined): EgressTarget {
  const port = Number(url?.port === '' ? defaultPortOf(url.protocol) : url?.port);
  if (url === undefined || port === 0 || url.username !== '' || url.password !== '') throw new RefusedError(400);
  return { url, host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function defaultPortOf(protocol: string): number {
  return protocol === 'http:' || protocol === 'ws:' ? 80 : 443;
}

/** Connects to a target that the guard permits, and records a failure in the outbound route. */
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
    // The proxy resolves the name, so its address is unknown here: at least the name must not be one of our own network.
    await checkName(target.host);
    signal.throwIfAborted();
    return dialThrough(proxy, target, { timeoutMs: connectTimeoutMs, signal });
  };

  const checkName = async (host: string): Promise<void> => {
    const late = AbortSignal.timeout(connectTimeoutMs);
    try {
      await untilAborted(guard.checkName(host), late);
    } catch (error) {
      throw error === late.reason ? connectTimeoutOf(host) : error;
    }
  };

  const dialDirectly = (target: EgressTarget, signal: AbortSignal): Promise<Socket> =>
    // The guard's lookup returns only addresses that it has checked, and these are dialled.
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

function connectTimeoutOf(host: string): Error {
  return Object.assign(new Error(`connecting to ${host} took too long`), { code: 'ETIMEDOUT' });
}
