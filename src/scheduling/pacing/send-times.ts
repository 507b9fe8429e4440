/** Delay that is allowed at any pace, because a busy process is always some milliseconds late. */
const ALWAYS_FORGIVEN_MS = 50;

/**
 * Times at which one request each may be sent to a host, ascending, by this process's monotonic clock. A time that was missed by half
 * an interval is dropped, because a request sent later would bunch up with the next.
 */
export class SendTimes {
  #times: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** Earliest time that is left. */
  get nextAtMs(): number | undefined {
    return this.#times[0];
  }

  add(fromMs: number, count: number, intervalMs: number): void {
    for (let index = 0; index < count; index++) this.#times.push(fromMs + index * intervalMs);
  }

  /** Whether a request may be sent now. Drops missed times. */
  isDue(nowMs: number, intervalMs: number): boolean {
    this.dropMissed(nowMs, intervalMs);
    return (this.#times[0] ?? Infinity) <= nowMs;
  }

  take(): void {
    this.#times.shift();
  }

  /** Drops the times that were missed. @returns their number */
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
