import type { PacingStore, SlotWish } from './pacing-store';

export interface SlotReserverDeps {
  readonly reserve: PacingStore['reserve'];
  /** Returns how many more slots may be held. It is called before each statement. */
  readonly room: () => number;
  /** @param grant `fromMs` is by this process's monotonic clock */
  readonly onGrant: (wish: SlotWish, grant: { readonly fromMs: number; readonly slots: number }) => void;
  /** Called when PostgreSQL is away, or gave no grant for the wish. */
  readonly onFailure: (wish: SlotWish) => void;
}

/** Most hosts in one statement, which locks their rows until it ends. */
const MAX_HOSTS = 200;

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

  /** Asks for the slots that are still wanted, because there may be room again. */
  askSoon(): void {
    if (this.#isScheduled || this.#isAsking || this.#wishes.size === 0) return;
    this.#isScheduled = true;
    // Other wishes of this turn of the event loop go into the same statement.
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
      if (room <= 0 || next.length >= MAX_HOSTS) break;
      room -= wish.slots;
      next.push(wish);
      this.#wishes.delete(wish.host);
    }
    return next;
  }
}

/** Largest drift between two clocks (ms per ms). */
const DRIFT = 0.0002;

/**
 * Converts times of PostgreSQL's clock to this process's monotonic clock, never too early. A clock that is read over the network is known
 * only up to the round-trip time. The fastest answers are the most exact, so the best one counts for a while.
 */
export class RemoteClock {
  /** Lower bound of the remote clock's lead over the local one. */
  #offsetMs = -Infinity;
  #measuredAtMs = 0;

  /** Notes that the remote clock showed `remoteMs` at some moment between two local times. */
  note(remoteMs: number, askedAtMs: number, answeredAtMs: number): void {
    const atLeast = remoteMs - answeredAtMs;
    const atMost = remoteMs - askedAtMs;
    const known = this.#offsetMs - (answeredAtMs - this.#measuredAtMs) * DRIFT;
    // The earlier measurement cannot be true any more when the remote clock was set back.
    this.#offsetMs = known > atMost ? atLeast : Math.max(known, atLeast);
    this.#measuredAtMs = answeredAtMs;
  }

  toLocalMs(remoteMs: number): number {
    return remoteMs - this.#offsetMs;
  }
}
