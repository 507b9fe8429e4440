/** Stale readings are dropped when there are more. */
const MAX_KEPT = 1_000;

/** Shares what was read among all who ask for the same within a time, so that many watchers cost as much as one. */
export class SharedReadings<T> {
  readonly #forMs: number;
  readonly #readings = new Map<string, { readonly reading: Promise<T>; readonly atMs: number }>();

  /** @param forMs how long a reading is shared (ms) */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** What was read of `id` lately, or is read now. A reading that fails is not shared. */
  get(id: string, read: () => Promise<T>): Promise<T> {
    const nowMs = performance.now();
    const known = this.#readings.get(id);
    if (known !== undefined && nowMs - known.atMs < this.#forMs) return known.reading;
    if (this.#readings.size >= MAX_KEPT) this.#dropStale(nowMs);
    const reading = read();
    this.#readings.set(id, { reading, atMs: nowMs });
    reading.catch(() => {
      if (this.#readings.get(id)?.reading === reading) this.#readings.delete(id);
    });
    return reading;
  }

  #dropStale(nowMs: number): void {
    for (const [id, { atMs }] of this.#readings) if (nowMs - atMs >= this.#forMs) this.#readings.delete(id);
  }
}
