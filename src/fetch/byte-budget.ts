/** The part of the budget that one response holds. */
export interface Claim {
  readonly bytes: number;
  /** Takes this many more bytes if they are free now. */
  tryReserve(bytes: number): boolean;
  /** Waits until this many more bytes are free, and takes them. Rejects with the signal's reason; what was held before stays held. */
  reserve(bytes: number, signal: AbortSignal): Promise<void>;
  /** Gives everything above `bytes` back. */
  shrinkTo(bytes: number): void;
  /** Gives everything back; more calls are harmless. */
  release(): void;
}

export interface ByteBudgetOptions {
  /** Limit of all claims together. */
  readonly capacityBytes: number;
  /** Limit of a single claim. */
  readonly largestClaimBytes: number;
}

interface Waiter {
  readonly claim: Holding;
  readonly bytes: number;
  readonly grant: () => void;
}

class Holding implements Claim {
  common = 0;
  reserved = 0;
  readonly #budget: ByteBudget;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.common + this.reserved;
  }

  tryReserve(bytes: number): boolean {
    return this.#budget.tryTake(this, bytes);
  }

  async reserve(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#budget.tryTake(this, bytes)) await this.#budget.take(this, bytes, signal);
  }

  shrinkTo(bytes: number): void {
    this.#budget.giveBack(this, this.bytes - bytes);
  }

  release(): void {
    this.#budget.leave(this);
  }
}

/**
 * One worker's memory for bodies, which responses take as their bytes arrive.
 *
 * Why it cannot deadlock: half-read responses that all wait for each other's bytes are prevented by a lane. `largestClaimBytes`
 * are kept out of the common part. When the waiter at the head of the queue does not fit into the common part, it gets the lane, which is
 * large enough to finish any response, until it releases. So one response can always be read to its end; what is read to its end
 * is stored or dropped without asking for more, and then the lane passes to the next in line.
 */
export class ByteBudget {
  readonly #commonBytes: number;
  readonly #largestClaimBytes: number;
  readonly #waiting = new Set<Waiter>();
  #commonTaken = 0;
  #laneHolder: Holding | undefined;

  constructor({ capacityBytes, largestClaimBytes }: ByteBudgetOptions) {
    if (capacityBytes < largestClaimBytes)
      throw new RangeError(`byteBudgetBytes (${capacityBytes}) must be at least maxBodyBytes (${largestClaimBytes})`);
    this.#commonBytes = capacityBytes - largestClaimBytes;
    this.#largestClaimBytes = largestClaimBytes;
  }

  get takenBytes(): number {
    return this.#commonTaken + (this.#laneHolder?.reserved ?? 0);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  open(): Claim {
    return new Holding(this);
  }

  /** @returns whether this many more bytes were free and have been taken */
  tryTake(holding: Holding, bytes: number): boolean {
    const total = holding.bytes + bytes;
    if (total > this.#largestClaimBytes)
      throw new RangeError(`a claim of ${total} bytes is over the limit of ${this.#largestClaimBytes}`);
    // The holder of the lane never queues: the rule above rests on this.
    if (holding === this.#laneHolder) holding.reserved += bytes;
    else if (this.#waiting.size === 0 && this.#fits(bytes)) this.#takeCommon(holding, bytes);
    else return false;
    return true;
  }

  /** Takes bytes when it is the claim's turn. */
  take(claim: Holding, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason as Error);
        this.#serve(); // the next in line may fit
      };
      const grant = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiter: Waiter = { claim, bytes, grant };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#serve();
    });
  }

  giveBack(holding: Holding, surplus: number): void {
    const fromCommon = Math.min(Math.max(0, surplus), holding.common);
    holding.common -= fromCommon;
    holding.reserved -= Math.min(Math.max(0, surplus - fromCommon), holding.reserved);
    this.#commonTaken -= fromCommon;
    this.#serve();
  }

  leave(holding: Holding): void {
    if (holding === this.#laneHolder) this.#laneHolder = undefined;
    this.giveBack(holding, holding.bytes);
  }

  #fits(bytes: number): boolean {
    return this.#commonTaken + bytes <= this.#commonBytes;
  }

  #takeCommon(holding: Holding, bytes: number): void {
    holding.common += bytes;
    this.#commonTaken += bytes;
  }

  #serve(): void {
    for (const waiter of this.#waiting) {
      const { claim, bytes, grant } = waiter;
      if (this.#fits(bytes)) this.#takeCommon(claim, bytes);
      else if (this.#laneHolder === undefined) {
        this.#laneHolder = claim;
        claim.reserved += bytes;
      } else return;
      this.#waiting.delete(waiter);
      grant();
    }
  }
}
