import type { ShareStore } from './share-store';

export interface LeasesDeps {
  readonly store: Pick<ShareStore, 'lease' | 'giveBack'>;
  /** What this worker may have in flight of a limit without a lease. */
  readonly partOf: (limit: number) => number;
  /** Whether nothing may be started there now, whatever is leased. */
  readonly isClosed: (resource: string) => boolean;
}

interface Lease {
  readonly limit: number;
  readonly slots: number;
  readonly sinceMs: number;
  /** It is not used any more, and given back when what is in flight has come to its end. */
  isLeaving: boolean;
}

interface Wish {
  readonly limit: number;
  more: number;
  /** Set when the wish has been refused: the time at which whoever wanted it is told to ask again. */
  refusedUntilMs: number | undefined;
}

/** Most wishes in one statement. */
const MAX_WISHES = 500;
const ASK_AFTER_MS = 2;
/** Who can start nothing without a lease asks again sooner. */
const ASK_AGAIN_WITHOUT_PART_MS = 300;
const ASK_AGAIN_MS = 1_000;
/** A lease without which others can start nothing is kept for this long, when they wait for it. */
const TENURE_MS = 3_000;
/** A lease that is not needed any more is kept for this long, because another fetch often follows. */
const IDLE_MS = 1_500;

/** What this worker has leased of limits that all workers share. Statements are made one at a time, for many hosts and keys at once. */
export class Leases {
  readonly #deps: LeasesDeps;
  readonly #leases = new Map<string, Lease>();
  readonly #wishes = new Map<string, Wish>();
  readonly #idleSinceMs = new Map<string, number>();
  /** What PostgreSQL may still hold for us, although we do not. */
  readonly #returning = new Set<string>();
  readonly #listeners: ((resource: string) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What is being asked for; it is not given back meanwhile, because the answer may come after. */
  #asking: ReadonlySet<string> = new Set();
  /** Counts how often everything was forgotten, so that answers of before can be told. */
  #forgotten = 0;
  #isStopped = false;

  constructor(deps: LeasesDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#leases.size + this.#returning.size;
  }

  /** Whether others wait for what it is about to give back. */
  get isLeaving(): boolean {
    if (this.#returning.size > 0) return true;
    for (const { isLeaving } of this.#leases.values()) if (isLeaving) return true;
    return false;
  }

  /** Slots that may be used. A lease of another limit, which the owner has changed since, is of no use and goes back. */
  slotsOf(resource: string, limit: number): number {
    const lease = this.#leases.get(resource);
    if (lease === undefined) return 0;
    if (lease.limit !== limit) lease.isLeaving = true;
    return lease.isLeaving ? 0 : lease.slots;
  }

  /** Slots that nobody else can have, used or not. */
  heldOf(resource: string): number {
    return this.#leases.get(resource)?.slots ?? 0;
  }

  listen(onRoom: (resource: string) => void): void {
    this.#listeners.push(onRoom);
  }

  want(resource: string, limit: number, more: number): void {
    const wish = this.#wishes.get(resource);
    if (wish !== undefined) {
      wish.more = more;
      return;
    }
    this.#wishes.set(resource, { limit, more, refusedUntilMs: undefined });
    this.#schedule(ASK_AFTER_MS);
  }

  /**
   * Stops using leases: those of which more is leased than may be, and those without which others can start nothing.
   * @param wanted others wait for these
   */
  leave(overfull: ReadonlySet<string>, wanted: ReadonlySet<string>): void {
    const nowMs = performance.now();
    for (const [resource, lease] of this.#leases) {
      const isDue = wanted.has(resource) && nowMs - lease.sinceMs > TENURE_MS && this.#deps.partOf(lease.limit) === 0;
      if (isDue || overfull.has(resource)) lease.isLeaving = true;
    }
  }

  /**
   * Gives back what is not needed any more.
   * @param counts what is in flight now
   */
  async giveBackUnused(counts: ReadonlyMap<string, number>): Promise<void> {
    const nowMs = performance.now();
    for (const [resource, { limit, isLeaving }] of this.#leases) {
      if (this.#asking.has(resource)) continue;
      const isUnused = (counts.get(resource) ?? 0) <= this.#deps.partOf(limit);
      const idleSinceMs = this.#idleSinceMs.get(resource) ?? nowMs;
      if (!isUnused) this.#idleSinceMs.delete(resource);
      else if (isLeaving || nowMs - idleSinceMs > IDLE_MS) this.#drop(resource);
      else this.#idleSinceMs.set(resource, idleSinceMs);
    }
    if (this.#returning.size === 0) return;
    const returned = [...this.#returning];
    await this.#deps.store.giveBack(returned);
    for (const resource of returned) this.#returning.delete(resource);
  }

  /** Forgets all leases, because PostgreSQL knows them no more. */
  clear(): void {
    this.#forgotten += 1;
    this.#leases.clear();
    this.#idleSinceMs.clear();
    this.#returning.clear();
  }

  /** Tells whoever wanted something to ask again, because much has changed. */
  tellAll(): void {
    const told = [...this.#wishes.keys()];
    this.#wishes.clear();
    for (const resource of told) this.#tell(resource);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#wishes.clear();
  }

  #drop(resource: string): void {
    this.#leases.delete(resource);
    this.#idleSinceMs.delete(resource);
    this.#returning.add(resource);
  }

  #tell(resource: string): void {
    for (const onRoom of this.#listeners) onRoom(resource);
  }

  #schedule(afterMs: number): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#step();
    }, afterMs);
    this.#timer.unref();
  }

  async #step(): Promise<void> {
    const nowMs = performance.now();
    const refused = [...this.#wishes].filter(([, { refusedUntilMs = Infinity }]) => refusedUntilMs <= nowMs);
    for (const [resource] of refused) this.#wishes.delete(resource);
    for (const [resource] of refused) this.#tell(resource);
    const fresh = [...this.#wishes].filter(([, { refusedUntilMs }]) => refusedUntilMs === undefined);
    if (this.#asking.size === 0) await this.#ask(fresh.slice(0, MAX_WISHES));
    if (this.#wishes.size > 0) this.#schedule(fresh.length > MAX_WISHES ? ASK_AFTER_MS : ASK_AGAIN_WITHOUT_PART_MS / 2);
  }

  async #ask(fresh: readonly (readonly [string, Wish])[]): Promise<void> {
    const askable = fresh.filter(([resource]) => this.#mayAsk(resource));
    this.#asking = new Set(askable.map(([resource]) => resource));
    const forgotten = this.#forgotten;
    try {
      const granted =
        askable.length === 0
          ? []
          : await this.#deps.store.lease(askable.map(([resource, wish]) => this.#wishOf(resource, wish)));
      if (forgotten === this.#forgotten)
        askable.forEach(([resource, { limit }], index) => this.#take(resource, limit, granted[index] ?? 0));
    } catch {
      // PostgreSQL is away, or its answer was lost: what it may hold for us is given back.
      for (const [resource] of askable) if (!this.#leases.has(resource)) this.#returning.add(resource);
    } finally {
      this.#asking = new Set();
    }
    for (const [resource, wish] of fresh) {
      const waitMs = this.#deps.partOf(wish.limit) === 0 ? ASK_AGAIN_WITHOUT_PART_MS : ASK_AGAIN_MS;
      if (this.#wishes.get(resource) === wish) wish.refusedUntilMs = performance.now() + waitMs;
    }
  }

  #mayAsk(resource: string): boolean {
    if (this.#deps.isClosed(resource) || this.#returning.has(resource)) return false;
    return this.#leases.get(resource)?.isLeaving !== true;
  }

  #wishOf(resource: string, { limit, more }: Wish) {
    return { resource, limit, more, held: this.heldOf(resource) };
  }

  #take(resource: string, limit: number, more: number): void {
    if (more === 0) return;
    const held = this.#leases.get(resource);
    if (this.#isStopped || held?.isLeaving === true) {
      // It was to be given back meanwhile, and so is what has come now.
      this.#leases.set(resource, {
        limit,
        sinceMs: performance.now(),
        slots: (held?.slots ?? 0) + more,
        isLeaving: true,
      });
      return;
    }
    this.#leases.set(resource, {
      limit,
      slots: (held?.slots ?? 0) + more,
      sinceMs: held?.sinceMs ?? performance.now(),
      isLeaving: false,
    });
    this.#wishes.delete(resource);
    this.#tell(resource);
  }
}
