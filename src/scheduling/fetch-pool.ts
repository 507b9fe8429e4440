import { setMaxListeners } from 'node:events';
import { FetchLane } from './fetch-lane';
import type { JudgeHost, LaneHandlers } from './fetch-lane';
import { once } from '../async/once';
import { HostBusyError } from './pacing/host-gate';
import type { HostDelay, HostGate } from './pacing/host-gate';

export interface FetchPoolOptions {
  /** Fetches in flight. */
  readonly capacity: number;
  /** Of them, to one host. Redirects to other hosts wait inside their fetch. */
  readonly perHost: number;
  /** Knows hosts that may be asked less often. */
  readonly gate?: HostGate | undefined;
}

/** The worker stops: nothing new is fetched. */
export class PoolStoppedError extends Error {
  override readonly name = 'PoolStoppedError';

  constructor() {
    super('the worker is stopping');
  }
}

/** Whose fetches they are. */
export interface FetchOwner {
  readonly apiKeyId: string;
  /** Fetches that the key may have in flight in this worker; undefined: as many as there are slots. */
  readonly maxConcurrency: number | undefined;
}

/** What is to be done with the URLs of a sweep. */
export interface SweepHandlers<T> extends LaneHandlers<T> {
  /** A URL whose host rests for longer is set aside. */
  readonly patienceMs: number;
}

/** A sweep's queue in the pool. */
export interface SweepLane<T> {
  /** What would wait too long is set aside at once. */
  add(host: string, item: T): void;
  /** Several lanes may belong to one sweep. */
  joins(sweep: unknown): void;
  /** Drops what has not been started. @returns how many */
  clear(): number;
  close(): void;
}

/** A single job that waits for a slot. */
interface Waiting {
  readonly grant: (release: () => void) => void;
  readonly refuse: (error: HostBusyError) => void;
}

interface KeyQueues {
  readonly id: string;
  maxConcurrency: number | undefined;
  active: number;
  readonly singles: FetchLane<Waiting>;
  /** Oldest lane first: within a batch nothing is gained by taking turns, and whole chunks end sooner. */
  readonly batches: Map<string, Set<AnyLane>>;
}

/** Lanes start their own items, so what these are does not matter here. */
type AnyLane = Pick<FetchLane<unknown>, 'start' | 'setAside' | 'take' | 'removeAll' | 'waitingFor' | 'sweep'> & {
  readonly patienceMs: number;
};

/** Sweeps never take these slots, so that a single job does not wait until one of 50,000 slow pages has ended. */
const SHARE_FOR_SINGLES = 1 / 8;

/** How long a single job may wait here for its host: it holds an activity, and others need one too. */
const SINGLES_PATIENCE_MS = 5_000;
/** One that comes for the first time: those that were sent away go first. */
const NEWCOMERS_PATIENCE_MS = 2_500;
/** Of a host without a pace, where the wait cannot be foretold: so many times its fetches in flight may wait. */
const CROWD = 4;
const CROWD_OF_NEWCOMERS = 2;
/** A sweep waits for the slots of a slow host, or that host would be asked less often than it may be. */
const PACE_PATIENCE_MS = 5 * 60_000;
/** A sweep that another one of its batch is ahead of looks again after this, because that one hands back by then. */
const LONGEST_ASIDE_MS = 10 * 60_000;

/**
 * The fetch slots of one worker. Single jobs go first, then keys take turns, then the batches of a key. What waits for a busy
 * host, or for a key that has all it may have, holds no slot.
 */
export class FetchPool {
  readonly #options: FetchPoolOptions;
  readonly #sweepCapacity: number;
  readonly #keys = new Map<string, KeyQueues>();
  readonly #hosts = new Map<string, number>();
  #active = 0;
  #begun = 0;
  #activeOfSweeps = 0;
  #isDispatching = false;
  readonly #stopped = new AbortController();
  /** Lanes with fetches for a host whose time has not come. */
  readonly #asleep = new Map<string, Set<Parameters<JudgeHost>[2]>>();

  constructor(options: FetchPoolOptions) {
    setMaxListeners(0, this.#stopped.signal); // one per waiting job
    this.#options = options;
    options.gate?.listen({
      onOpen: (host) => this.#wake(host),
      onShut: (host, delay) => this.#shut(host, delay),
    });
    this.#sweepCapacity = Math.max(1, options.capacity - Math.floor(options.capacity * SHARE_FOR_SINGLES));
  }

  /** At work with at least half of its slots. */
  get isBusy(): boolean {
    return this.#active * 2 >= this.#options.capacity;
  }

  /** Fetches begun since the start. */
  get begun(): number {
    return this.#begun;
  }

  get active(): number {
    return this.#active;
  }

  /** Hosts with at least one fetch in flight. */
  get busyHosts(): number {
    return this.#hosts.size;
  }

  /**
   * Waits for a slot for a single job. Rejects with the signal's reason or a PoolStoppedError, then no slot is taken.
   * @param isReturning it has been sent away before
   * @returns undefined when as many fetches of the key wait here as it may have in flight: the job is to come back later,
   *   because it holds an activity while it waits. For the same reason it rejects with a HostBusyError when the host is not to be
   *   asked soon.
   */
  enter(owner: FetchOwner, host: string, signal: AbortSignal, isReturning = false): Promise<() => void> | undefined {
    const key = this.#keyOf(owner);
    if (key.maxConcurrency !== undefined && key.singles.size >= key.maxConcurrency) return undefined;
    const busy = this.#busyFor(host, isReturning);
    if (busy !== undefined) {
      this.#forgetIdle(key);
      return Promise.reject(busy);
    }
    return new Promise((resolve, reject) => {
      const unlisten = () => {
        signal.removeEventListener('abort', giveUp);
        this.#stopped.signal.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        unlisten();
        key.singles.remove(host, waiting);
        this.#forgetIdle(key);
        reject((signal.aborted ? signal : this.#stopped.signal).reason as Error);
      };
      const grant = (release: () => void) => {
        unlisten();
        resolve(release);
      };
      const refuse = (error: HostBusyError) => {
        unlisten();
        this.#forgetIdle(key);
        reject(error);
      };
      const waiting: Waiting = { grant, refuse };
      key.singles.add(host, waiting);
      if (signal.aborted || this.#stopped.signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp);
      this.#stopped.signal.addEventListener('abort', giveUp);
      this.#dispatch();
    });
  }

  /** Single jobs that wait here give up. Sweeps see to their lanes themselves. */
  stop(): void {
    this.#stopped.abort(new PoolStoppedError());
  }

  openLane<T>(owner: FetchOwner, batchId: string, handlers: SweepHandlers<T>): SweepLane<T> {
    const key = this.#keyOf(owner);
    const lane = Object.assign(new FetchLane(handlers), { patienceMs: handlers.patienceMs });
    const lanes = key.batches.get(batchId) ?? new Set<AnyLane>();
    key.batches.set(batchId, lanes.add(lane as AnyLane)); // as: it only ever gets its own items
    return {
      add: (host, item) => {
        const delay = this.#options.gate?.delayOf(host);
        const asideMs = delay === undefined ? 0 : asideFor(host, delay, lane as AnyLane, lanes);
        if (asideMs > 0) return handlers.setAside(item, asideMs);
        lane.add(host, item);
        this.#dispatch();
      },
      joins: (sweep) => (lane.sweep = sweep),
      clear: () => lane.clear(),
      close: once(() => {
        lane.clear();
        lanes.delete(lane as AnyLane);
        if (lanes.size === 0) key.batches.delete(batchId);
        this.#forgetIdle(key);
      }),
    };
  }

  #keyOf({ apiKeyId, maxConcurrency }: FetchOwner): KeyQueues {
    let key = this.#keys.get(apiKeyId);
    if (key === undefined) {
      key = { id: apiKeyId, maxConcurrency, active: 0, singles: new FetchLane(singleHandlers), batches: new Map() };
      this.#keys.set(apiKeyId, key);
    }
    key.maxConcurrency = maxConcurrency; // the owner may have changed it since
    return key;
  }

  #forgetIdle(key: KeyQueues): void {
    if (key.active === 0 && key.singles.size === 0 && key.batches.size === 0) this.#keys.delete(key.id);
  }

  #dispatch(): void {
    if (this.#isDispatching) return; // a fetch that starts may add others
    this.#isDispatching = true;
    try {
      while (this.#active < this.#options.capacity) {
        if (!this.#startSingle() && !(this.#activeOfSweeps < this.#sweepCapacity && this.#startSwept())) return;
      }
    } finally {
      this.#isDispatching = false;
    }
  }

  #startSingle(): boolean {
    for (const key of this.#keys.values()) {
      const next = isFull(key) ? undefined : key.singles.take(this.#judge);
      if (next === undefined) continue;
      key.singles.start(next.item, this.#occupy(key, next.host, true));
      return true;
    }
    return false;
  }

  #startSwept(): boolean {
    for (const key of this.#keys.values()) {
      if (isFull(key)) continue;
      for (const [batchId, lanes] of key.batches) {
        for (const lane of lanes) {
          const next = lane.take(this.#judge);
          if (next === undefined) continue;
          moveToEnd(key.batches, batchId, lanes);
          lane.start(next.item, this.#occupy(key, next.host, false));
          return true;
        }
      }
    }
    return false;
  }

  readonly #judge: JudgeHost = (host, waiting, lane) => {
    const { gate, perHost } = this.#options;
    const inFlight = this.#hosts.get(host) ?? 0;
    if (gate === undefined) return inFlight < perHost ? 'start' : 'full';
    const verdict = gate.ask(host, inFlight, perHost, waiting);
    if (verdict === 'later') {
      const lanes = this.#asleep.get(host);
      if (lanes === undefined) this.#asleep.set(host, new Set([lane]));
      else lanes.add(lane);
    }
    return verdict;
  };

  #wake(host: string): void {
    const lanes = this.#asleep.get(host);
    if (lanes === undefined) return;
    this.#asleep.delete(host);
    for (const lane of lanes) lane.wake(host);
    this.#dispatch();
  }

  /** Who would wait too long for the host is sent away. */
  #shut(host: string, delay: HostDelay): void {
    for (const key of [...this.#keys.values()]) {
      if (delay.waitMs > SINGLES_PATIENCE_MS)
        for (const { refuse } of key.singles.removeAll(host)) refuse(new HostBusyError(host, delay));
      for (const lane of [...key.batches.values()].flatMap((lanes) => [...lanes]))
        if (isTooLong(delay, lane)) for (const item of lane.removeAll(host)) lane.setAside(item, delay.waitMs);
    }
  }

  /** Why a single job cannot wait here for its host. */
  #busyFor(host: string, isReturning: boolean): HostBusyError | undefined {
    let ahead = 0;
    for (const { singles } of this.#keys.values()) if (singles.size > 0) ahead += singles.waitingFor(host);
    const { gate, perHost } = this.#options;
    const delay = gate?.delayOf(host);
    const waitMs = (delay?.waitMs ?? 0) + ahead * (delay?.intervalMs ?? 0);
    if (delay !== undefined && waitMs > (isReturning ? SINGLES_PATIENCE_MS : NEWCOMERS_PATIENCE_MS))
      return new HostBusyError(host, { ...delay, waitMs });
    if (ahead < perHost * (isReturning ? CROWD : CROWD_OF_NEWCOMERS)) return undefined;
    return new HostBusyError(host, { reason: 'crowded', waitMs: 1_000, intervalMs: delay?.intervalMs ?? 0 });
  }

  /** @returns what gives the slot back */
  #occupy(key: KeyQueues, host: string, isSingle: boolean): () => void {
    moveToEnd(this.#keys, key.id, key);
    this.#active += 1;
    this.#begun += 1;
    if (!isSingle) this.#activeOfSweeps += 1;
    key.active += 1;
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
    this.#options.gate?.start(host);
    return once(() => {
      this.#active -= 1;
      if (!isSingle) this.#activeOfSweeps -= 1;
      key.active -= 1;
      const left = (this.#hosts.get(host) ?? 1) - 1;
      if (left > 0) this.#hosts.set(host, left);
      else this.#hosts.delete(host);
      this.#forgetIdle(key);
      this.#dispatch();
    });
  }
}

const singleHandlers: LaneHandlers<Waiting> = {
  start: ({ grant }, release) => grant(release),
  setAside: () => undefined,
};

const isTooLong = ({ waitMs, reason }: HostDelay, { patienceMs }: AnyLane): boolean =>
  waitMs > (reason === 'resting' ? patienceMs : PACE_PATIENCE_MS);

/**
 * How long a URL is to be set aside instead of joining its lane, ms; 0: it joins. The sweeps of one batch over the same slow host
 * work one after another, because each holds an activity.
 */
function asideFor(host: string, delay: HostDelay, lane: AnyLane, lanesOfBatch: Iterable<AnyLane>): number {
  if (isTooLong(delay, lane)) return delay.waitMs;
  if (delay.intervalMs === 0) return 0;
  let ahead = 0;
  for (const each of lanesOfBatch) {
    const waiting = each.waitingFor(host);
    if (waiting > 0 && each.sweep === lane.sweep) return 0;
    ahead += waiting;
  }
  const waitMs = ahead * delay.intervalMs;
  return waitMs > lane.patienceMs ? Math.min(waitMs, LONGEST_ASIDE_MS) : 0;
}

const isFull = ({ active, maxConcurrency }: KeyQueues): boolean =>
  maxConcurrency !== undefined && active >= maxConcurrency;

/** A Map keeps the order of insertion: who has had a turn goes to the end. */
function moveToEnd<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size < 2) return;
  map.delete(key);
  map.set(key, value);
}
