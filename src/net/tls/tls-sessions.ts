import { BoundedCache } from '../bounded-cache';

/** A session holds the certificate of its host and a ticket; those of the web have some 2 kB. A larger one is not kept. */
const MAX_BYTES = 16 * 1024;

/** TLS sessions that may be resumed, by host. Resuming saves the check of the certificate, half of the CPU time, and with TLS 1.2 a round trip. */
export class TlsSessions {
  readonly #sessions: BoundedCache<Buffer>;

  /** @param max sessions to keep */
  constructor(max = 4_000) {
    this.#sessions = new BoundedCache({ maxEntries: max, keptMs: () => Infinity }); // A server refuses one that is too old.
  }

  get(authority: string): Buffer | undefined {
    return this.#sessions.get(authority);
  }

  set(authority: string, session: Buffer): void {
    if (session.length <= MAX_BYTES) this.#sessions.set(authority, session);
  }
}
