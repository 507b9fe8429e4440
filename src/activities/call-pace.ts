/** Enough for most receivers, and it leaves the greater part of a busy worker to fetching (bench/callbacks.ts). */
const PER_SECOND = 1_200;
const BURST = 60;
/** What has waited for so long is called whatever else there is to do: callbacks may come later for fetching, but not ever later. */
const PATIENCE_MS = 30_000;

/** How fast a worker calls while it fetches at full width, for all receivers together. Otherwise as fast as it can. */
export class CallPace {
  readonly #isFetchingBusy: () => boolean;
  #tokens = BURST;
  #filledAt = performance.now();

  constructor(isFetchingBusy: () => boolean) {
    this.#isFetchingBusy = isFetchingBusy;
  }

  /**
   * @param waitingSince when the call was first due
   * @returns how long to wait, ms; 0: it may be made now, and counts
   */
  take(waitingSince: Date): number {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) * PER_SECOND) / 1_000);
    this.#filledAt = now;
    const isPaced = this.#tokens < 1 && this.#isFetchingBusy() && Date.now() - waitingSince.getTime() < PATIENCE_MS;
    if (isPaced) return Math.ceil(((1 - this.#tokens) * 1_000) / PER_SECOND);
    this.#tokens = Math.max(0, this.#tokens - 1);
    return 0;
  }
}
