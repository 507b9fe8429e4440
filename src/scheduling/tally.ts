/** Counts by name, as the fetches in flight of each host. A name without any takes no memory. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** How many names have at least one. */
  get size(): number {
    return this.#counts.size;
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The names with at least one, and how many. */
  entries(): Iterable<readonly [name: string, count: number]> {
    return this.#counts;
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  remove(name: string): void {
    const left = this.of(name) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
