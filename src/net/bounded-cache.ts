export interface BoundedCacheOptions<V> {
  readonly maxEntries: number;
  readonly keptMs: (value: V) => number;
  /** The time of a monotonic clock (ms). @default performance.now */
  readonly now?: () => number;
}

/** Remembers each value for as long as `keptMs` says. Whoever asks for the same key at the same time shares one search. */
export class BoundedCache<V> {
  readonly #options: BoundedCacheOptions<V>;
  /** Entries, the least recently used one first. */
  readonly #kept = new Map<string, { readonly value: V; readonly until: number }>();
  readonly #asking = new Map<string, Promise<V>>();

  constructor(options: BoundedCacheOptions<V>) {
    this.#options = options;
  }

  get(key: string): V | undefined {
    const entry = this.#kept.get(key);
    if (entry === undefined) return undefined;
    this.#kept.delete(key);
    if (entry.until <= this.#now()) return undefined;
    this.#kept.set(key, entry);
    return entry.value;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }

  set(key: string, value: V): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: this.#now() + this.#options.keptMs(value) });
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > this.#options.maxEntries) this.#kept.delete(oldest);
  }

  /** @param find searches for the value; it must not reject */
  async getOr(key: string, find: () => Promise<V>): Promise<V> {
    const known = this.get(key);
    if (known !== undefined) return known;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = find()
        .then((value) => {
          this.set(key, value);
          return value;
        })
        .finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }
}
