import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { canonicalHost, compileAllowList } from './allow-list';

export { parseAllowList } from './allow-list';

/** The target is not public and the owner has not opened it. */
export class ForbiddenTargetError extends Error {
  readonly host: string;
  readonly reason: string;

  constructor(host: string, reason: string) {
    super(`${host} may not be connected to: ${reason}`);
    this.name = 'ForbiddenTargetError';
    this.host = host;
    this.reason = reason;
  }
}

/**
 * Keeps everything that others make us connect to on the public internet.
 * Both halves are needed: Node does not call `lookup` for IP literals, and only `lookup` sees what is dialled.
 */
export interface Guard {
  /** Throws {@link ForbiddenTargetError}. To be called on every hop, before it is dialled. */
  readonly assertUrl: (url: URL) => void;
  /** For `connect.lookup`: the answers that are checked are the ones that are dialled, so no name can be rebound between. */
  readonly lookup: LookupFunction;
  /** Whether the owner's list opens this host name or IP literal. */
  readonly isAllowed: (host: string) => boolean;
}

type ResolveCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

export interface GuardOptions {
  /** @default dns.lookup */
  readonly resolve?: (hostname: string, options: LookupAllOptions, callback: ResolveCallback) => void;
}

/** @param allow what the owner opened: CIDRs, addresses, host names, or `*`; see {@link parseAllowList} */
export function createGuard(allow: readonly string[], { resolve = dnsLookup }: GuardOptions = {}): Guard {
  const list = compileAllowList(allow);

  const isAllowed = (host: string): boolean => {
    const name = canonicalHost(host);
    if (list.hasHost(name) || list.hasAddress(name)) return true;
    return isLocalName(name) && (list.hasAddress('127.0.0.1') || list.hasAddress('::1'));
  };

  /** Sites that have passed lately; what is asked of them never changes. */
  const passed = new Set<string>();

  const assertUrl = (url: URL): void => {
    const site = url.protocol + url.hostname;
    if (passed.has(site)) return;
    assertSite(url);
    if (passed.size >= PASSED_SITES) passed.clear();
    passed.add(site);
  };

  const assertSite = (url: URL): void => {
    const host = canonicalHost(url.hostname);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new ForbiddenTargetError(host, `scheme ${url.protocol} is not allowed`);
    if (isAllowed(host)) return;
    if (isLocalName(host)) throw new ForbiddenTargetError(host, 'the name means this machine');
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new ForbiddenTargetError(host, 'the address is not public');
  };

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answers) => {
      if (error) return callback(error, []);
      const isOpened = ({ address }: LookupAddress) => list.hasHost(hostname) || list.hasAddress(address);
      const dialled = answers.filter((answer) => isOpened(answer) || isPublicAddress(answer.address));
      const forbidden = answers.find((answer) => !dialled.includes(answer));
      // One private answer among public ones is what an attack looks like. Next to an opened one it is dual stack: localhost as 127.0.0.1 and ::1.
      if (forbidden && !answers.some(isOpened))
        return callback(new ForbiddenTargetError(canonicalHost(hostname), `it resolves to ${forbidden.address}`), []);
      if (options.all) return callback(null, dialled);
      const [first] = dialled;
      if (first) return callback(null, first.address, first.family);
      callback(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), []);
    });
  };

  return { assertUrl, lookup, isAllowed };
}

/** `process()` unwraps ::ffff:a.b.c.d first, otherwise a mapped loopback address looks like plain IPv6. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // ipaddr.js also calls space unicast that IANA has not allocated: only 2000::/3 is (RFC 4291 §2.4).
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

const PASSED_SITES = 10_000;

const closedGuard = createGuard([]);

/** Refuses other schemes than http and https, and hosts that are not public as written. */
export const assertPublicUrl: (url: URL) => void = closedGuard.assertUrl;

/** Drop-in for `connect.lookup` that lets only public addresses through. */
export const guardedLookup: LookupFunction = closedGuard.lookup;

/** RFC 6761 §6.3: these names are loopback whatever the resolver says. */
function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}
