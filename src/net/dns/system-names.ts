import { lookup as getaddrinfo } from 'node:dns';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { Permits } from '../../async/permits';
import { MAX_ADDRESSES } from './dns-answer';
import type { DnsAnswer } from './dns-answer';

export type Getaddrinfo = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * libuv has four threads for the disk and for `getaddrinfo`. A name can keep one of them busy for as long as its name servers are silent, so
 * two are never given to names.
 */
const AT_ONCE = 2;
/** `getaddrinfo` does not tell how long its answer holds. */
const KEPT_MS = 10_000;

/** The names that the system knows besides those of the DNS: mDNS, search domains, what nsswitch.conf names. */
export class SystemNames {
  readonly #getaddrinfo: Getaddrinfo;
  readonly #permits = new Permits(AT_ONCE);

  constructor(ask: Getaddrinfo = getaddrinfo) {
    this.#getaddrinfo = ask;
  }

  /**
   * Never rejects.
   * @param name with a dot at its end where no search domain may be added
   * @param signal ends the wait for a thread; what has begun in one cannot be ended
   */
  async find(name: string, signal: AbortSignal): Promise<DnsAnswer> {
    const leave = await this.#permits.enter();
    if (signal.aborted) {
      leave();
      return { kind: 'unanswered', reason: 'ETIMEOUT' };
    }
    return new Promise((resolve) => {
      this.#getaddrinfo(name, { all: true }, (error, addresses) => {
        leave();
        if (error === null && addresses.length > 0)
          resolve({ kind: 'addresses', addresses: addresses.slice(0, MAX_ADDRESSES), ttlMs: KEPT_MS });
        else if (error === null || error.code === 'ENOTFOUND') resolve({ kind: 'unknown' });
        else resolve({ kind: 'unanswered', reason: error.code ?? 'EAI_FAIL' });
      });
    });
  }
}
