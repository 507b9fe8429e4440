/** How much is being fetched: the state of the fetch pool that the pace depends on. */
export interface FetchLoad {
  readonly isBusy: boolean;
  /** Fetches begun since the start. */
  readonly begun: number;
}

/** A call takes as much as a fetch and a half (measured): fetching keeps two thirds to three quarters of its rate. */
const CALLS_PER_FETCH = 1 / 4;
/** Calls per second that are always allowed, however slowly pages come. */
const MIN_PER_SECOND = 300;
const BURST = 60;
const LOOK_AGAIN_MS = 5;
/** A delivery that has waited this long is called in any case: fetching may delay callbacks, but not without end. */
const PATIENCE_MS = 30_000;

/** Limits the calls of a worker, for all receivers together, while it fetches at full width; otherwise it does not limit them. */
export class CallPace {
  readonly #fetching: FetchLoad;
  #tokens = BURST;
  #filledAt = performance.now();
  #begun: number;

  constructor(fetching: FetchLoad) {
    this.#fetching = fetching;
    this.#begun = fetching.begun;
  }

  /**
   * @param waitingSince when the call was first due
   * @returns how long to wait (ms); 0 when the call may be made now, which takes a token
   */
  take(waitingSince: Date): number {
    this.#fill();
    const isPaced = this.#tokens < 1 && this.#fetching.isBusy && Date.now() - waitingSince.getTime() < PATIENCE_MS;
    if (isPaced) return LOOK_AGAIN_MS;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return 0;
  }

  #fill(): void {
    const now = performance.now();
    const { begun } = this.#fetching;
    const earned = Math.max((begun - this.#begun) * CALLS_PER_FETCH, ((now - this.#filledAt) * MIN_PER_SECOND) / 1_000);
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#filledAt = now;
    this.#begun = begun;
  }
}

/** Counts the calls in flight of all receivers of a worker. */
export class CallSlots {
  readonly #capacity: number;
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFree(): boolean {
    return this.#taken < this.#capacity;
  }

  take(): void {
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
  }
}
