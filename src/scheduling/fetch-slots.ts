/** A slot that has been taken. */
export interface TakenSlot {
  readonly isForSweep: boolean;
  /** ms, of a monotonic clock. */
  readonly takenAtMs: number;
}

/** Share of the slots that sweeps never take, so that a single job does not wait until one of 50,000 slow pages has ended. */
const SHARE_FOR_SINGLES = 1 / 8;
/** More would lie idle: as many single jobs as a worker starts in a second. */
const MOST_FOR_SINGLES = 64;
/** Nearly all answers of sites that work are there by then. */
const SLOW_AFTER_MS = 5_000;

/**
 * Counts the fetches of a pool. One that has taken five seconds does not count any more: while it waits it costs a socket and a few kilobytes, and
 * a thousand URLs of dead hosts, each of which waits for a minute, would leave no slots to the living. At most as many as there were slots at the
 * beginning are not counted; that does not shrink with the slots, which become fewer for want of processor time as a rule.
 */
export class FetchSlots {
  /** The number of slots. */
  capacity: number;
  /** Most that are not counted. */
  readonly #mostSlow: number;
  /** Those that still count, in the order in which they were taken. */
  readonly #young = new Set<TakenSlot>();
  #youngOfSweeps = 0;
  #taken = 0;
  #takenBySweeps = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#mostSlow = capacity;
  }

  /** All fetches in flight, the slow ones included. */
  get taken(): number {
    return this.#taken;
  }

  /** Those of the slots that are counted as taken. */
  get counted(): number {
    return this.#countedOf(this.#taken, this.#young.size);
  }

  get hasRoom(): boolean {
    return this.counted < this.capacity;
  }

  get hasRoomForSweep(): boolean {
    const kept = Math.min(Math.floor(this.capacity * SHARE_FOR_SINGLES), MOST_FOR_SINGLES);
    const most = Math.max(1, this.capacity - kept);
    return this.#countedOf(this.#takenBySweeps, this.#youngOfSweeps) < most;
  }

  take(isForSweep: boolean): TakenSlot {
    const slot: TakenSlot = { isForSweep, takenAtMs: performance.now() };
    this.#young.add(slot);
    this.#taken += 1;
    if (isForSweep) {
      this.#takenBySweeps += 1;
      this.#youngOfSweeps += 1;
    }
    return slot;
  }

  /** Gives a slot back, once. */
  leave(slot: TakenSlot): void {
    this.#taken -= 1;
    if (slot.isForSweep) this.#takenBySweeps -= 1;
    this.#noteOld(slot);
  }

  /** Stops counting those that have become slow. To be called again and again. */
  discountSlow(): void {
    const before = performance.now() - SLOW_AFTER_MS;
    for (const slot of this.#young) {
      if (slot.takenAtMs > before) return;
      this.#noteOld(slot);
    }
  }

  #noteOld(slot: TakenSlot): void {
    if (this.#young.delete(slot) && slot.isForSweep) this.#youngOfSweeps -= 1;
  }

  /** Counts all that were taken without the slow ones, of which no more than `#mostSlow` are left out. */
  #countedOf(taken: number, young: number): number {
    return Math.max(young, taken - this.#mostSlow);
  }
}
