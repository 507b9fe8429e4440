/** Two clocks drift apart by less than this (ms per ms). */
const DRIFT = 0.0002;

/**
 * Translates PostgreSQL's time into this process's monotonic one, never too early. A clock that is read over the network is known only
 * up to the way there and back; the quickest answers tell most, so the best one counts for a while.
 */
export class RemoteClock {
  /** Remote minus local, at most. */
  #offsetMs = -Infinity;
  #measuredAtMs = 0;

  /** The remote clock showed `remoteMs` at some moment between two local ones. */
  note(remoteMs: number, askedAtMs: number, answeredAtMs: number): void {
    const atLeast = remoteMs - answeredAtMs;
    const atMost = remoteMs - askedAtMs;
    const known = this.#offsetMs - (answeredAtMs - this.#measuredAtMs) * DRIFT;
    // An earlier measurement that cannot be true any more: the remote clock was set back.
    this.#offsetMs = known > atMost ? atLeast : Math.max(known, atLeast);
    this.#measuredAtMs = answeredAtMs;
  }

  toLocalMs(remoteMs: number): number {
    return remoteMs - this.#offsetMs;
  }
}
