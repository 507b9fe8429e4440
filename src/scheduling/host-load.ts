/** Counts fetches in flight per host. A host without any takes no memory. */
export class HostLoad {
  readonly #inFlight = new Map<string, number>();

  /** Number of hosts with fetches in flight. */
  get busyHosts(): number {
    return this.#inFlight.size;
  }

  of(host: string): number {
    return this.#inFlight.get(host) ?? 0;
  }

  /** Hosts with fetches in flight, and their number. */
  entries(): Iterable<readonly [host: string, count: number]> {
    return this.#inFlight;
  }

  add(host: string): void {
    this.#inFlight.set(host, this.of(host) + 1);
  }

  remove(host: string): void {
    const left = this.of(host) - 1;
    if (left > 0) this.#inFlight.set(host, left);
    else this.#inFlight.delete(host);
  }
}
