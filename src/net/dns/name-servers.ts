import { promises } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { Permits } from '../../async/permits';
import { askInTurn } from './ask-in-turn';
import type { DnsAnswer } from './dns-answer';

interface NameServersOptions {
  /** `ip`, `ip:port` or `[ip]:port`. @default the system's, looked up again every 30 s */
  readonly servers?: readonly string[] | undefined;
  /** ms, of a monotonic clock. @default performance.now */
  readonly now?: () => number;
}

/** Each name that is being asked for has a socket or two. */
const MAX_NAMES_AT_ONCE = 2_048;
/** A machine may move to another network, and a VPN may come or go. */
const SYSTEM_KEPT_MS = 30_000;

/** Asks name servers through c-ares, which needs none of libuv's threads. */
export class NameServers {
  /** Whether the owner has named them, so that they are not the system's. */
  readonly areGiven: boolean;
  readonly #servers: () => readonly string[];
  readonly #prefersIpv6: () => boolean;
  readonly #permits = new Permits(MAX_NAMES_AT_ONCE);
  /** The server that answered where another did not; it is asked first from then on. */
  #preferred: string | undefined;

  constructor({ servers = [], now = () => performance.now() }: NameServersOptions = {}) {
    this.areGiven = servers.length > 0;
    this.#servers = this.areGiven ? () => servers : renewed(systemServers, SYSTEM_KEPT_MS, now);
    this.#prefersIpv6 = renewed(hasGlobalIpv6, SYSTEM_KEPT_MS, now);
  }

  /**
   * Never rejects.
   * @param timeoutMs for each question
   * @param signal ends the search
   */
  async find(name: string, timeoutMs: number, signal: AbortSignal): Promise<DnsAnswer> {
    const leave = await this.#permits.enter();
    const servers = this.#servers();
    const at = Math.max(0, servers.indexOf(this.#preferred ?? ''));
    return askInTurn(name, {
      servers: [...servers.slice(at), ...servers.slice(0, at)],
      prefersIpv6: this.#prefersIpv6(),
      timeoutMs,
      signal,
      onAnswered: (server) => (this.#preferred = server),
    }).finally(leave);
  }
}

function systemServers(): readonly string[] {
  const servers = new promises.Resolver().getServers();
  // resolv.conf(5): where none is named, the machine itself is one.
  return servers.length === 0 ? ['127.0.0.1'] : servers;
}

/**
 * Whether this machine has an address of the IPv6 internet. Then IPv6 comes first, as `getaddrinfo` has it (RFC 6724 §6); otherwise a
 * connection would begin with addresses that there is no way to.
 */
function hasGlobalIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some(({ family, internal, address }) => family === 'IPv6' && !internal && /^[23]/.test(address));
}

/**
 * Reads again what may change, at most once in `keptMs`, and only when somebody wants to know.
 * @param now ms, of a monotonic clock
 */
export function renewed<T>(read: () => T, keptMs: number, now: () => number): () => T {
  let kept: { readonly value: T; readonly until: number } | undefined;
  return () => {
    if (kept === undefined || now() >= kept.until) kept = { value: read(), until: now() + keptMs };
    return kept.value;
  };
}
