import { readFileSync } from 'node:fs';

/** What the system's own resolution would do besides asking its name servers for exactly this name. */
export interface SystemSources {
  /**
   * Whether it has sources of which the DNS knows nothing, such as systemd-resolved, LDAP or the files of another system, or name servers that only
   * it can ask.
   */
  readonly hasOthers: boolean;
  /** Names with fewer dots are looked for in the search domains as well (`ndots` of resolv.conf(5)); 0 without search domains. */
  readonly searchedDots: number;
}

/** Sources of nsswitch.conf(5) that are covered without `getaddrinfo`, or that only know names without a dot and those of mDNS. */
const COVERED = /^(files|dns|compat|myhostname|mymachines|mdns\w*)$/;

/**
 * A router that announces itself as name server over IPv6 (RFC 8106) does so by its link-local address, whose zone Node drops (measured, Node 20.20
 * and 24): such a server cannot be asked without the system.
 */
const ZONED_SERVER = /^nameserver[ \t]+\S+%/m;

/**
 * Reads how the system resolves names. A file that cannot be read means its defaults, which are the hosts file and the DNS.
 * macOS and Windows have several name servers for several domains (VPN), which only they know to choose from.
 */
export function readSystemSources(
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
  platform: NodeJS.Platform = process.platform,
): SystemSources {
  if (platform !== 'linux') return { hasOthers: true, searchedDots: 0 };
  const resolvConf = contentOf('/etc/resolv.conf', read);
  return {
    hasOthers: hasOtherSources(contentOf('/etc/nsswitch.conf', read)) || ZONED_SERVER.test(resolvConf),
    searchedDots: searchedDotsIn(resolvConf),
  };
}

/** Whether the system may know a name that its name servers do not. */
export function maySystemKnow(name: string, isAbsolute: boolean, { hasOthers, searchedDots }: SystemSources): boolean {
  if (hasOthers || name.endsWith('.local')) return true; // RFC 6762 §3: `.local` belongs to mDNS
  const dots = name.split('.').length - 1;
  return !isAbsolute && (dots === 0 || dots < searchedDots);
}

function hasOtherSources(nsswitch: string): boolean {
  const [, sources = ''] = /^[ \t]*hosts:([^#\n]*)/m.exec(nsswitch) ?? [];
  return sources
    .replace(/\[[^\]]*\]/g, ' ') // This skips what is to be done about an answer, such as [NOTFOUND=return].
    .split(/\s+/)
    .some((source) => source !== '' && !COVERED.test(source));
}

function searchedDotsIn(resolvConf: string): number {
  // The last of several lines counts.
  const lists = [...resolvConf.matchAll(/^(?:search|domain)[ \t]+(.*)$/gm)];
  if (!/^[^\s.]/.test(lists.at(-1)?.[1] ?? '')) return 0;
  const [, ndots = '1'] = [...resolvConf.matchAll(/^options\b.*\bndots:(\d+)/gm)].at(-1) ?? [];
  return Number(ndots);
}

function contentOf(path: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch {
    return '';
  }
}
