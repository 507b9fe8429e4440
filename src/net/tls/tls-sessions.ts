/** A session holds the certificate of its host and a ticket; those of the web have some 2 kB. A larger one is not kept. */
const MAX_BYTES = 16 * 1024;

/** TLS sessions that may be resumed, by host. Resuming saves the check of the certificate, half of the CPU time, and with TLS 1.2 a round trip. */
export class TlsSessions {
  readonly #max: number;
  /** Sessions, the least recently used one first. */
  readonly #sessions = new Map<string, Buffer>();

  /** @param max sessions to keep */
  constructor(max = 4_000) {
    this.#max = max;
  }

  get(authority: string): Buffer | undefined {
    const session = this.#sessions.get(authority);
    if (session !== undefined) this.#keep(authority, session);
    return session;
  }

  set(authority: string, session: Buffer): void {
    if (session.length > MAX_BYTES) return;
    this.#keep(authority, session);
    if (this.#sessions.size <= this.#max) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  #keep(authority: string, session: Buffer): void {
    this.#sessions.delete(authority);
    this.#sessions.set(authority, session);
  }
}
