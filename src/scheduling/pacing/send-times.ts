/** So late a request may be, whatever the pace: a busy process is some milliseconds late all the time. */
const ALWAYS_FORGIVEN_MS = 50;

/**
 * Times at which one request each may be sent to a host, ascending, by this process's monotonic clock. One that was missed by half an
 * interval is thrown away: used later, it would bunch up with the next.
 */
export class SendTimes {
  #times: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** When the first one that is left becomes usable. */
  get nextAtMs(): number | undefined {
    return this.#times[0];
  }

  add(fromMs: number, count: number, intervalMs: number): void {
    for (let index = 0; index < count; index++) this.#times.push(fromMs + index * intervalMs);
  }

  /** Whether there is one to be used now. */
  isDue(nowMs: number, intervalMs: number): boolean {
    this.dropMissed(nowMs, intervalMs);
    return (this.#times[0] ?? Infinity) <= nowMs;
  }

  take(): void {
    this.#times.shift();
  }

  /** @returns how many were dropped */
  dropMissed(nowMs: number, intervalMs: number): number {
    const latestMs = nowMs - Math.max(intervalMs / 2, ALWAYS_FORGIVEN_MS);
    let missed = 0;
    while ((this.#times[missed] ?? Infinity) < latestMs) missed += 1;
    if (missed > 0) this.#times.splice(0, missed);
    return missed;
  }

  clear(): void {
    this.#times = [];
  }
}
