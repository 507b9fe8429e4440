/** TLS sessions that may be resumed, by host. Resuming saves a round trip and the check of the certificate. */
export class TlsSessions {
  readonly #max: number;
  /** Sessions, the least recently used one first. */
  readonly #sessions = new Map<string, Buffer>();

  /** @param max sessions to keep, of about 2 kB each */
  constructor(max = 1_000) {
    this.#max = max;
  }

  get(authority: string): Buffer | undefined {
    return this.#sessions.get(authority);
  }

  set(authority: string, session: Buffer): void {
    this.#sessions.delete(authority);
    this.#sessions.set(authority, session);
    if (this.#sessions.size <= this.#max) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }
}
