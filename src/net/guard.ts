import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { canonicalHost, compileAllowList } from './allow-list';
import { lookupName } from './dns/shared-names';
import { isPublicAddress } from './public-address';
import { createVerdictCache } from './verdict-cache';

export { parseAllowList } from './allow-list';
export { isPublicAddress } from './public-address';

/** The target is not on the public internet, and the owner has not opened it (`ALLOW_PRIVATE_TARGETS`). */
export class ForbiddenTargetError extends Error {
  readonly host: string;
  readonly reason: string;

  /** @param isOpenable whether it makes sense to tell the owner of this server how to open the host */
  constructor(host: string, reason: string, isOpenable = true) {
    const hint = isOpenable ? `; on your own server, ALLOW_PRIVATE_TARGETS=${host} opens it` : '';
    super(`${host} may not be connected to: ${reason}${hint}`);
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
  /** Has to be called on every hop before it is dialled. Throws a {@link ForbiddenTargetError}. */
  readonly assertUrl: (url: URL) => void;
  /** A `connect.lookup`: the answers that are checked are the ones that are dialled, so no name can be rebound in between. */
  readonly lookup: LookupFunction;
  /**
   * Checks a name for an upstream proxy, which resolves names itself. Rejects with a {@link ForbiddenTargetError} when the host is
   * not public here. A name that does not resolve here passes, because the proxy may know it. Asks the resolver at most every 30 s.
   */
  readonly checkName: (hostname: string) => Promise<void>;
  /** Whether the owner's list opens this host name or IP literal. */
  readonly isAllowed: (host: string) => boolean;
}

type ResolveCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

export interface GuardOptions {
  /** All addresses of a name; asked at each use, so that what it has remembered is checked as well. @default lookupName */
  readonly resolve?: (hostname: string, options: LookupAllOptions, callback: ResolveCallback) => void;
  /** The time of a monotonic clock (ms). @default performance.now */
  readonly now?: () => number;
}

/** @param allow what the owner opened: CIDRs, addresses, host names, or `*`; see {@link parseAllowList} */
export function createGuard(
  allow: readonly string[],
  { resolve = lookupName, now = () => performance.now() }: GuardOptions = {},
): Guard {
  const list = compileAllowList(allow);

  const isAllowed = (host: string): boolean => {
    const name = canonicalHost(host);
    if (list.hasHost(name) || list.hasAddress(name)) return true;
    return isLocalName(name) && (list.hasAddress('127.0.0.1') || list.hasAddress('::1'));
  };

  /** Sites that have passed lately. The check looks at the URL alone, so its result never changes. */
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
      throw new ForbiddenTargetError(host, `scheme ${url.protocol} is not allowed`, false);
    assertHost(host);
  };

  /** Judges a host by how it is written, without a lookup. */
  const assertHost = (host: string): void => {
    if (isAllowed(host)) return;
    if (isLocalName(host)) throw new ForbiddenTargetError(host, 'the name means this machine');
    if (METADATA_NAMES.has(host)) throw new ForbiddenTargetError(host, "the name means the cloud's metadata", false);
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new ForbiddenTargetError(host, 'the address is not public');
  };

  /** The addresses of a name that may be dialled, or why none may. */
  const permitted = (
    hostname: string,
    answers: readonly LookupAddress[],
  ): readonly LookupAddress[] | ForbiddenTargetError => {
    const isOpened = ({ address }: LookupAddress) => list.hasHost(hostname) || list.hasAddress(address);
    const dialled = answers.filter((answer) => isOpened(answer) || isPublicAddress(answer.address));
    const forbidden = answers.find((answer) => !dialled.includes(answer));
    // A private answer among public ones looks like an attack. Next to an opened one it is dual stack: localhost as 127.0.0.1 and ::1.
    return forbidden && !answers.some(isOpened)
      ? new ForbiddenTargetError(canonicalHost(hostname), `it resolves to ${forbidden.address}`)
      : dialled;
  };

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answers) => {
      if (error) return callback(error, []);
      const dialled = permitted(hostname, answers);
      if (dialled instanceof ForbiddenTargetError) return callback(dialled, []);
      const [first] = dialled;
      // Node reads the first of all answers without checking that there is one, which would end the process.
      if (first === undefined)
        return callback(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), []);
      if (options.all) return callback(null, [...dialled]);
      callback(null, first.address, first.family);
    });
  };

  const resolvesTo = createVerdictCache(
    (host) =>
      new Promise<ForbiddenTargetError | undefined>((settle) => {
        resolve(host, { all: true }, (error, answers) => {
          const verdict = error ? undefined : permitted(host, answers);
          settle(verdict instanceof ForbiddenTargetError ? verdict : undefined);
        });
      }),
    now,
  );

  const checkName = async (hostname: string): Promise<void> => {
    const host = canonicalHost(hostname);
    assertHost(host);
    if (isIP(host) !== 0 || isAllowed(host)) return;
    const refusal = await resolvesTo(host);
    // Each caller gets an error of its own, so that the stack is the caller's.
    if (refusal !== undefined) throw new ForbiddenTargetError(refusal.host, refusal.reason);
  };

  return { assertUrl, lookup, checkName, isAllowed };
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

/**
 * Clouds hand out their machines' credentials under these names. Here they resolve to addresses that are not public, but an upstream
 * proxy inside such a cloud would resolve them by itself.
 */
const METADATA_NAMES = new Set([
  'metadata.google.internal', // https://cloud.google.com/compute/docs/metadata/querying-metadata
  'metadata.goog', // the same in short
  'instance-data.ec2.internal', // https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
  'metadata.tencentyun.com', // https://www.tencentcloud.com/document/product/213/4934
]);
