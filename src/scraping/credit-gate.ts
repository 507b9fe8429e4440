import type { ChunkWish, Reserved } from '../store/reserve-credits';

export type ReserveCredits = (batchId: string, wishes: readonly ChunkWish[]) => Promise<Reserved | undefined>;

export interface CreditGateDeps<T> {
  readonly batchId: string;
  readonly chunks: readonly number[];
  readonly reserve: ReserveCredits;
  /** Chunk and price of a URL. */
  readonly costOf: (item: T) => { readonly chunk: number; readonly price: number };
  /** Called with a URL whose price is covered. */
  readonly onCovered: (item: T) => void;
  /** Called when the batch is paused, as when its credits are used up. */
  readonly onPaused: () => void;
}

interface Account {
  readonly chunk: number;
  /** Credits that are reserved and have not been charged; never more than the row of the chunk says. */
  granted: number;
  /** The part of `granted` that covers URLs which are being fetched, or wait for a slot. */
  used: number;
  /** Credits that were charged while a reservation was being made. */
  charged: number;
}

const ASK_EVERY_MS = 1_000;

/**
 * Lets the URLs of a sweep through as far as the credits of their batch go, which has `maxCredits`. What was not charged in the end
 * covers the next one. What is not needed is given back once a second, because other sweeps may wait for it.
 */
export class CreditGate<T> {
  readonly #deps: CreditGateDeps<T>;
  readonly #accounts: ReadonlyMap<number, Account>;
  /** URLs that are due, in the order in which they came. */
  readonly #waiting = new Set<T>();
  /** Number of URLs that were let through and have not come to their end. */
  #through = 0;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;
  #askedAtMs = -Infinity;
  #isClosed = false;

  constructor(deps: CreditGateDeps<T>) {
    this.#deps = deps;
    this.#accounts = new Map(deps.chunks.map((chunk) => [chunk, { chunk, granted: 0, used: 0, charged: 0 }]));
  }

  /** Whether URLs wait while so many others, and no more, have been let through: only those can make room. */
  isHeldUpBy(count: number): boolean {
    return this.#waiting.size > 0 && this.#through > 0 && this.#through === count;
  }

  /** Takes a URL that is due. */
  add(item: T): void {
    this.#waiting.add(item);
    this.#letThrough(item);
  }

  /** Gives back the price of a URL that was not charged. */
  putBack(item: T): void {
    const { account, price } = this.#accountOf(item);
    this.#through -= 1;
    account.used -= price;
    this.#letAllThrough();
    this.#askSoon();
  }

  /** Notes that the price of a URL has been charged. */
  spend(item: T): void {
    const { account, price } = this.#accountOf(item);
    this.#through -= 1;
    account.used -= price;
    account.granted -= price;
    account.charged += price;
  }

  /** Drops the URLs that wait. @returns their number */
  clear(): number {
    const { size } = this.#waiting;
    this.#waiting.clear();
    return size;
  }

  /** Gives everything back; nothing may be in flight any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#asking;
    const nothing = this.#deps.chunks.map((chunk) => ({ chunk, inUse: 0, wanted: [] }));
    await this.#deps.reserve(this.#deps.batchId, nothing);
  }

  /** Asks for nothing any more. What is reserved stays so, for whoever takes over the chunks. */
  stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #accountOf(item: T): { readonly account: Account; readonly price: number } {
    const { chunk, price } = this.#deps.costOf(item);
    const account = this.#accounts.get(chunk);
    if (account === undefined) throw new RangeError(`chunk ${chunk} is not one of this sweep`);
    return { account, price };
  }

  #letThrough(item: T): void {
    const { account, price } = this.#accountOf(item);
    // While a reservation is made it is not known what of it is still free.
    if (this.#asking !== undefined || account.granted - account.used < price) return this.#askSoon();
    this.#through += 1;
    account.used += price;
    this.#waiting.delete(item);
    this.#deps.onCovered(item);
  }

  #letAllThrough(): void {
    for (const item of [...this.#waiting]) this.#letThrough(item);
  }

  #askSoon(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#asking !== undefined) return;
    const waitMs = Math.max(this.#askedAtMs + ASK_EVERY_MS - performance.now(), 0);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#askedAtMs = performance.now();
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined;
        if (this.#isClosed) return;
        this.#letAllThrough();
        const isIdle = [...this.#accounts.values()].some(({ granted, used }) => granted > used);
        if (isIdle || this.#waiting.size > 0) this.#askSoon();
      });
    }, waitMs);
    this.#timer.unref();
  }

  async #ask(): Promise<void> {
    const accounts = [...this.#accounts.values()];
    for (const account of accounts) account.charged = 0;
    const wanted = new Map<number, number[]>(accounts.map(({ chunk }) => [chunk, []]));
    for (const item of this.#waiting) {
      const { chunk, price } = this.#deps.costOf(item);
      wanted.get(chunk)?.push(price);
    }
    const wishes = accounts.map(({ chunk, used }) => ({ chunk, inUse: used, wanted: wanted.get(chunk) ?? [] }));
    try {
      const reserved = await this.#deps.reserve(this.#deps.batchId, wishes);
      for (const [index, account] of accounts.entries())
        account.granted = (reserved?.credits[index] ?? 0) - account.charged;
      if (!this.#isClosed && (reserved?.isPaused ?? true)) this.#deps.onPaused();
    } catch {
      // PostgreSQL is away: the next try is in a second. Whether it has set what was asked for is not known.
      for (const account of accounts) account.granted = Math.min(account.granted, account.used);
    }
  }
}
