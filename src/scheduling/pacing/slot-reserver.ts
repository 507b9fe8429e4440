import type { PacingStore, SlotWish } from './pacing-store';
import { RemoteClock } from './remote-clock';

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
