import { createHash, randomBytes } from 'node:crypto';
import type { Proxy } from '../proxies/proxy';

/** One route to the internet, with the credentials that select it. */
export interface OutboundRoute {
  /** Undefined: connections go out directly. */
  readonly proxy: Proxy | undefined;
  readonly username: string;
  readonly password: string;
  /** Errors of failed connections by host and port; bounded. */
  readonly troubles: Troubles;
}

const MAX_ROUTES = 4_096;
const MAX_TROUBLES = 256;

/** The last error of each host where a connection failed lately. */
export class Troubles {
  readonly #errors = new Map<string, unknown>();

  get(authority: string): unknown {
    return this.#errors.get(authority);
  }

  set(authority: string, error: unknown): void {
    this.#errors.delete(authority);
    this.#errors.set(authority, error);
    if (this.#errors.size > MAX_TROUBLES) dropOldest(this.#errors);
  }

  clear(authority: string): void {
    this.#errors.delete(authority);
  }
}

/**
 * The outbound routes and their credentials. When there are too many, as with proxies that have a user name per session, the least recently
 * used one is dropped.
 */
export class OutboundRoutes {
  readonly #byProxy = new Map<string, OutboundRoute>();
  /** Routes by a hash of the header, so that the time of a comparison reveals nothing about the credentials. */
  readonly #byCredentials = new Map<string, OutboundRoute>();

  for(proxy: Proxy | undefined): OutboundRoute {
    const key = keyOf(proxy);
    const known = this.#byProxy.get(key);
    const route = known ?? { proxy, username: random(9), password: random(24), troubles: new Troubles() };
    this.#byProxy.delete(key);
    this.#byProxy.set(key, route); // It is now the most recently used.
    if (known !== undefined) return route;
    this.#byCredentials.set(hashOf(headerOf(route)), route);
    if (this.#byProxy.size > MAX_ROUTES) {
      const oldest = dropOldest(this.#byProxy);
      if (oldest !== undefined) this.#byCredentials.delete(hashOf(headerOf(oldest)));
    }
    return route;
  }

  /** @param credentials the value of `proxy-authorization` */
  of(credentials: string | undefined): OutboundRoute | undefined {
    const [, token] = /^basic +(\S+)$/i.exec(credentials ?? '') ?? [];
    return token === undefined ? undefined : this.#byCredentials.get(hashOf(token));
  }
}

function headerOf({ username, password }: OutboundRoute): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** Proxies with the same address but different credentials are different routes, because many vendors tell sessions apart so. */
function keyOf(proxy: Proxy | undefined): string {
  if (proxy === undefined || proxy.kind === 'direct') return 'direct';
  const { kind, host, port, username, password } = proxy;
  return hashOf(JSON.stringify([kind, host, port, username, password]));
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

function dropOldest<V>(map: Map<string, V>): V | undefined {
  for (const [key, value] of map) {
    map.delete(key);
    return value;
  }
  return undefined;
}
