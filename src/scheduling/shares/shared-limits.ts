import { Leases } from './leases';
import { partOf } from './share-rules';
import type { GoneWorker, ShareStore, StoredStanding } from './share-store';
import { SilentWorkers } from './silent-workers';
import type { SilentWorkersDeps } from './silent-workers';

/** What is in flight in this worker, of some hosts or keys. */
export interface SharedLoad {
  /** Names and numbers; nothing for those with nothing in flight. */
  readonly inFlight: () => Iterable<readonly [resource: string, count: number]>;
  readonly limitOf: (resource: string) => number;
}

export interface SharedLimitsDeps extends SilentWorkersDeps {
  readonly store: ShareStore;
  /** Called when the number of workers that share the limits has changed. */
  readonly onWorkers: (workers: number) => void;
  readonly onError: (error: unknown) => void;
  /** Called when this worker has been without PostgreSQL for so long that the others will take its part: it is to cut what it has in flight. */
  readonly onLost: () => void;
}

const REPORT_EVERY_MS = 2_000;
/** While workers come or go, or somebody waits for what this one has. */
const REPORT_SOON_MS = 250;
/** A worker that could not report for this long starts nothing; a moment later it cuts what it has in flight. The others take its part after 20 s. */
const VALID_MS = 10_000;
const LOST_MS = 16_000;
const WATCH_EVERY_MS = 1_000;
/** A part grows only when there have been fewer workers for so long: one that is started again finds its part still free. */
const GROWS_AFTER_MS = 10_000;

interface Clocks {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

const readClocks = (): Clocks => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** By whichever clock has gone further: the monotonic one may stand still while the machine sleeps, the other one may be set. */
const msSince = ({ monotonicMs, wallMs }: Clocks): number =>
  Math.max(performance.now() - monotonicMs, Date.now() - wallMs);

/**
 * The limits that hold for all workers together: fetches in flight per host and per key. A worker that is alone has them whole,
 * and asks nobody. Otherwise each has a part of every limit without asking ({@link partOf}), and leases the rest, for as long as it
 * needs it. One that has just come starts nothing until all others keep to smaller parts, and nothing at the hosts of which they still
 * have more in flight. What must hold is decided by `share-rules`, in PostgreSQL, under a lock.
 */
export class SharedLimits {
  readonly #deps: SharedLimitsDeps;
  readonly #leases: Leases;
  readonly #silent: SilentWorkers;
  readonly #loads: SharedLoad[] = [];
  /** 0: this worker has not been let in yet. */
  #dividesBy = 0;
  #closed: ReadonlySet<string> = new Set();
  #gone: readonly GoneWorker[] = [];
  /** When PostgreSQL last had this worker's report, or may have had: what came later is not known. */
  #confirmedAt = readClocks();
  /** Whether that is too long ago; undefined when this turn of the event loop has not looked yet. */
  #isStale: boolean | undefined;
  #isCut = false;
  #fewerSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Apart from the reports, because one of these may hang. */
  readonly #watchdog: NodeJS.Timeout;
  #isStopped = false;
  #reporting: Promise<void> | undefined;

  constructor(deps: SharedLimitsDeps) {
    this.#deps = deps;
    this.#leases = new Leases({
      store: deps.store,
      partOf: (limit) => partOf(limit, this.#dividesBy),
      isClosed: (resource) => !this.#isValid || this.#closed.has(resource),
    });
    this.#silent = new SilentWorkers(deps);
    this.#watchdog = setInterval(() => this.#cutWhenLost(), WATCH_EVERY_MS);
    this.#watchdog.unref();
  }

  /** Joins the workers. Resolves after the first try; it may be let in later. */
  async start(): Promise<void> {
    await this.#tick();
  }

  /** How many of a limit this worker may have in flight now. */
  most(resource: string, limit: number): number {
    if (!this.#isValid) return 0;
    if (this.#dividesBy === 1 && this.#closed.size === 0) return limit;
    if (this.#closed.has(resource)) return 0;
    return Math.min(limit, partOf(limit, this.#dividesBy) + this.#leases.slotsOf(resource, limit));
  }

  /**
   * Notes that it needs more than it may have in flight. Listeners are told when that may have changed, so that they ask again.
   * @param more how many more than {@link most}
   */
  want(resource: string, limit: number, more: number): void {
    this.#leases.want(resource, limit, more);
  }

  /** @param onRoom called with a host or key that somebody wanted more of, and perhaps may have now */
  listen(onRoom: (resource: string) => void): void {
    this.#leases.listen(onRoom);
  }

  watch(load: SharedLoad): void {
    this.#loads.push(load);
  }

  /** Leaves the workers. To be called when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watchdog);
    this.#leases.stop();
    await this.#reporting;
    this.#dividesBy = 0;
    await this.#deps.store.leave().catch(this.#deps.onError);
  }

  get #isValid(): boolean {
    return this.#dividesBy > 0 && !(this.#isStale ?? this.#lookWhetherStale());
  }

  /** Looks once per turn of the event loop: two clocks for each host that is passed over took an eighth of a sweep's processor time. */
  #lookWhetherStale(): boolean {
    this.#isStale = msSince(this.#confirmedAt) >= VALID_MS;
    setImmediate(() => (this.#isStale = undefined));
    return this.#isStale;
  }

  #tick(): Promise<void> {
    return (this.#reporting ??= this.#report()
      .catch((error: unknown) => {
        this.#deps.onError(error);
        return REPORT_SOON_MS;
      })
      .then((waitMs) => {
        this.#reporting = undefined;
        if (this.#isStopped) return;
        this.#timer = setTimeout(() => void this.#tick(), waitMs);
        this.#timer.unref();
      }));
  }

  /** @returns when to report again (ms) */
  async #report(): Promise<number> {
    const over = this.#over();
    await this.#leases.giveBackUnused(this.#counts());
    const startedAt = readClocks();
    const standing = await this.#send(over);
    const before = this.#dividesBy;
    this.#apply(standing, startedAt);
    if (this.#dividesBy !== before) this.#deps.onWorkers(this.#dividesBy);
    const isSettling = this.#dividesBy !== standing.dividesBy || standing.dividesBy === 0 || this.#over().length > 0;
    return isSettling || this.#leases.isLeaving || this.#gone.length > 0 ? REPORT_SOON_MS : REPORT_EVERY_MS;
  }

  async #send(over: readonly string[]): Promise<StoredStanding> {
    const { store } = this.#deps;
    const dividesBy = this.#dividesBy;
    const mayGrow = this.#fewerSinceMs !== undefined && performance.now() - this.#fewerSinceMs > GROWS_AFTER_MS;
    const confirmed =
      dividesBy > 0 && !mayGrow && this.#gone.length === 0 ? await store.confirm({ dividesBy, over }) : undefined;
    return confirmed ?? store.report({ dividesBy, mayGrow, over }, this.#gone);
  }

  #apply(standing: StoredStanding, startedAt: Clocks): void {
    const { workers, dividesBy, closed, overfull, wanted, others } = standing;
    const had = this.#dividesBy;
    const hadClosed = this.#closed.size;
    // A worker that was forgotten has lost its leases, too. With more workers it keeps to its smaller part from now on, and says so next time.
    this.#dividesBy = dividesBy === 0 ? 0 : Math.max(dividesBy, workers);
    this.#confirmedAt = startedAt;
    this.#isStale = undefined;
    this.#isCut = false;
    if (dividesBy === 0) {
      this.#leases.clear();
      if (had > 0) this.#deps.onLost(); // it has been taken for dead
    }
    this.#closed = new Set([...closed, ...overfull]);
    this.#fewerSinceMs = workers < this.#dividesBy ? (this.#fewerSinceMs ?? performance.now()) : undefined;
    this.#gone = this.#silent.look(others, performance.now());
    this.#leases.leave(overfull, wanted);
    if (had === 0 || this.#dividesBy < had || this.#closed.size < hadClosed) this.#leases.tellAll();
  }

  #cutWhenLost(): void {
    if (this.#isCut || this.#dividesBy === 0 || msSince(this.#confirmedAt) < LOST_MS) return;
    this.#isCut = true;
    this.#deps.onLost();
  }

  /** Hosts and keys with more in flight than this worker's part and leases. */
  #over(): string[] {
    if (this.#dividesBy === 1) return [];
    const over = new Set<string>();
    for (const { inFlight, limitOf } of this.#loads)
      for (const [resource, count] of inFlight()) {
        if (count > partOf(limitOf(resource), this.#dividesBy) + this.#leases.heldOf(resource)) over.add(resource);
      }
    return [...over];
  }

  /** The most that is in flight of each, in any of the loads. */
  #counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    if (this.#leases.size === 0) return counts;
    for (const { inFlight } of this.#loads)
      for (const [resource, count] of inFlight()) counts.set(resource, Math.max(count, counts.get(resource) ?? 0));
    return counts;
  }
}
