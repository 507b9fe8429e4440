import type { PacingStore, SlotWish } from './pacing-store';

export interface SlotReserverDeps {
  readonly reserve: PacingStore['reserve'];
  /** How many more slots may be held; asked before each statement. */
  readonly room: () => number;
  /** @param fromMs by this process's monotonic clock */
  readonly onGrant: (wish: SlotWish, grant: { readonly fromMs: number; readonly slots: number }) => void;
  /** PostgreSQL is away. */
  readonly onFailure: (wish: SlotWish) => void;
}

/** Of one statement: it holds their rows until it is through. */
const MOST_HOSTS = 200;

/** Asks for slots of many hosts at once, one statement at a time. First come, first served. */
export class SlotReserver {
  readonly #deps: SlotReserverDeps;
  readonly #clock = new RemoteClock();
  readonly #wishes = new Map<string, SlotWish>();
  #isAsking = false;
  #isScheduled = false;

  constructor(deps: SlotReserverDeps) {
    this.#deps = deps;
  }

  wish(wish: SlotWish): void {
    this.#wishes.set(wish.host, wish);
    this.askSoon();
  }

  /** There may be room again. */
  askSoon(): void {
    if (this.#isScheduled || this.#isAsking || this.#wishes.size === 0) return;
    this.#isScheduled = true;
    // What else is wished for in this turn of the event loop goes along.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#ask();
    });
  }

  clear(): void {
    this.#wishes.clear();
  }

  async #ask(): Promise<void> {
    const wishes = this.#next();
    if (wishes.length === 0) return;
    this.#isAsking = true;
    const askedAtMs = performance.now();
    try {
      const grants = await this.#deps.reserve(wishes);
      const answeredAtMs = performance.now();
      for (const { nowMs } of grants) this.#clock.note(nowMs, askedAtMs, answeredAtMs);
      const grantOf = new Map(grants.map((grant) => [grant.host, grant]));
      for (const wish of wishes) {
        const grant = grantOf.get(wish.host);
        if (grant === undefined) this.#deps.onFailure(wish);
        else this.#deps.onGrant(wish, { fromMs: this.#clock.toLocalMs(grant.fromMs), slots: grant.slots });
      }
    } catch {
      wishes.forEach((wish) => this.#deps.onFailure(wish));
    } finally {
      this.#isAsking = false;
      this.askSoon();
    }
  }

  #next(): readonly SlotWish[] {
    const next: SlotWish[] = [];
    let room = this.#deps.room();
    for (const wish of this.#wishes.values()) {
      if (room <= 0 || next.length >= MOST_HOSTS) break;
      room -= wish.slots;
      next.push(wish);
      this.#wishes.delete(wish.host);
    }
    return next;
  }
}

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
