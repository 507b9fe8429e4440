import type { LookupAddress } from 'node:dns';
import { BoundedCache } from '../bounded-cache';
import type { DnsAnswer } from './dns-answer';
import { hostTarget } from './host-target';
import { HostsFile } from './hosts-file';
import { NameServers, renewed } from './name-servers';
import { SystemNames } from './system-names';
import type { Getaddrinfo } from './system-names';
import { maySystemKnow, readSystemSources } from './system-sources';
import type { SystemSources } from './system-sources';

export interface NameResolverOptions {
  /** Name servers: `ip`, `ip:port` or `[ip]:port`. @default the system's */
  readonly servers?: readonly string[] | undefined;
  /** @default the system's */
  readonly hostsPath?: string;
  /** @default dns.lookup */
  readonly getaddrinfo?: Getaddrinfo;
  /** @default as the files of the system say */
  readonly readSources?: () => SystemSources;
  /** Time for one name, whoever is asked (ms). @default 8_000, which leaves something of the 10 s of a connection */
  readonly timeoutMs?: number;
  /** Names whose answers are kept. @default 10_000 */
  readonly maxNames?: number;
  /** A monotonic clock (ms). @default performance.now */
  readonly now?: () => number;
}

interface FamilyOption {
  readonly family?: number | 'IPv4' | 'IPv6' | undefined;
}

const MAX_NAMES = 10_000;
const MIN_KEPT_MS = 1_000;
const MAX_KEPT_MS = 3_600_000;
/** A new name may be asked for just before it is there. */
const UNKNOWN_KEPT_MS = 5_000;
const SOURCES_KEPT_MS = 30_000;

const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Finds the addresses of names: in the hosts file, in what name servers have said lately, from name servers, and at last from the system,
 * which may know names that the DNS does not. A name is asked for once at a time; a caller that does not wait any more changes nothing for
 * the others.
 *
 * No package does this: cacheable-lookup, which is the usual one, is an ES module without releases since 2022, asks name servers through one
 * c-ares channel, keeps as many names as there are, and falls back to `getaddrinfo` without a limit, which is what has to be avoided here.
 */
export class NameResolver {
  readonly #hosts: HostsFile;
  readonly #servers: NameServers;
  readonly #system: SystemNames;
  readonly #sources: () => SystemSources;
  readonly #timeoutMs: number;
  readonly #kept: BoundedCache<DnsAnswer>;

  constructor(options: NameResolverOptions = {}) {
    const { servers, hostsPath, getaddrinfo, readSources = () => readSystemSources(), timeoutMs = 8_000 } = options;
    const { maxNames = MAX_NAMES, now = () => performance.now() } = options;
    this.#hosts = new HostsFile({ ...(hostsPath !== undefined && { path: hostsPath }), now });
    this.#servers = new NameServers({ servers, now });
    this.#system = new SystemNames(getaddrinfo);
    this.#sources = renewed(readSources, SOURCES_KEPT_MS, now);
    this.#timeoutMs = timeoutMs;
    this.#kept = new BoundedCache({ maxEntries: maxNames, keptMs, now });
  }

  /**
   * All addresses of a host, in the order in which they are to be tried. Rejects with the codes of `getaddrinfo`: `ENOTFOUND` where there is
   * no such name or it has no address, `EAI_AGAIN` where nobody could tell.
   * @param host a name, or an address in any spelling, without brackets
   */
  async resolve(host: string): Promise<readonly LookupAddress[]> {
    const target = hostTarget(host.toLowerCase());
    if (target.kind === 'address') return [target.address];
    if (target.kind === 'impossible') throw unresolved(host, { kind: 'unknown' });
    const { name, isAbsolute } = target;
    const known = this.#hosts.addressesOf(name);
    if (known !== undefined) return known;
    if (name === 'localhost' || name.endsWith('.localhost')) return LOOPBACK; // RFC 6761 §6.3
    const answer = await this.#kept.getOr(target.isAbsolute ? `${name}.` : name, () => this.#find(name, isAbsolute));
    if (answer.kind === 'addresses') return answer.addresses;
    throw unresolved(host, answer);
  }

  /** The same in the form of `dns.lookup` with `all: true`, for `connect.lookup`. */
  readonly lookup = (
    host: string,
    { family }: FamilyOption,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ): void => {
    const wanted = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0);
    this.resolve(host)
      .then((addresses) => {
        const fitting = addresses.filter((each) => wanted === 0 || each.family === wanted);
        if (fitting.length === 0) throw unresolved(host, { kind: 'unknown' });
        return fitting;
      })
      .then(
        (addresses) => process.nextTick(callback, null, addresses), // what the callback throws is not ours
        (error: NodeJS.ErrnoException) => process.nextTick(callback, error, []),
      );
  };

  /** Never rejects. */
  async #find(name: string, isAbsolute: boolean): Promise<DnsAnswer> {
    const ending = new AbortController();
    let soFar: DnsAnswer = { kind: 'unanswered', reason: 'ETIMEOUT' };
    const work = async (): Promise<DnsAnswer> => {
      const isSingleLabel = !name.includes('.') && !isAbsolute;
      // These are names of the local network, and which of its search domains counts the system knows best. It asks the same name servers.
      if (isSingleLabel && !this.#servers.areGiven) return this.#system.find(name, ending.signal);
      soFar = await this.#servers.find(name, this.#timeoutMs, ending.signal);
      if (soFar.kind === 'addresses' || !maySystemKnow(name, isAbsolute, this.#sources())) return soFar;
      const second = await this.#system.find(isAbsolute ? `${name}.` : name, ending.signal);
      return second.kind === 'unanswered' ? soFar : second;
    };
    let timer: NodeJS.Timeout | undefined;
    const timeIsOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#timeoutMs);
    });
    const answer = await Promise.race([work(), timeIsOver.then(() => soFar)]);
    clearTimeout(timer);
    ending.abort();
    return answer;
  }
}

function keptMs(answer: DnsAnswer): number {
  if (answer.kind === 'addresses') return Math.min(Math.max(answer.ttlMs, MIN_KEPT_MS), MAX_KEPT_MS);
  return answer.kind === 'unknown' ? UNKNOWN_KEPT_MS : 0;
}

/** A name server that refuses connections must not look like a target that does, so its own code is in the message only. */
function unresolved(hostname: string, answer: Exclude<DnsAnswer, { readonly kind: 'addresses' }>): Error {
  const code = answer.kind === 'unknown' ? 'ENOTFOUND' : 'EAI_AGAIN';
  const why = answer.kind === 'unknown' ? 'there is no such name' : `no name server could tell (${answer.reason})`;
  return Object.assign(new Error(`${hostname} cannot be resolved: ${why}`), { code, syscall: 'lookup', hostname });
}
