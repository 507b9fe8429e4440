import { setMaxListeners } from 'node:events';
import { FetchLane } from './fetch-lane';
import { once } from './once';

export interface FetchPoolOptions {
  /** Fetches in flight. */
  readonly capacity: number;
  /** Of them, to one host. Redirects to other hosts wait inside their fetch. */
  readonly perHost: number;
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

/** A sweep's queue in the pool. */
export interface SweepLane<T> {
  add(host: string, item: T): void;
  /** Drops what has not been started. @returns how many */
  clear(): number;
  close(): void;
}

/** A single job that waits for a slot. */
interface Waiting {
  readonly grant: (release: () => void) => void;
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
type AnyLane = Pick<FetchLane<unknown>, 'start' | 'take'>;

/** Sweeps never take these slots, so that a single job does not wait until one of 50,000 slow pages has ended. */
const SHARE_FOR_SINGLES = 1 / 8;

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

  constructor(options: FetchPoolOptions) {
    setMaxListeners(0, this.#stopped.signal); // one per waiting job
    this.#options = options;
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
   * @returns undefined when as many fetches of the key wait here as it may have in flight: the job is to come back later,
   *   because it holds an activity while it waits
   */
  enter(owner: FetchOwner, host: string, signal: AbortSignal): Promise<() => void> | undefined {
    const key = this.#keyOf(owner);
    if (key.maxConcurrency !== undefined && key.singles.size >= key.maxConcurrency) return undefined;
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
      const waiting: Waiting = { grant };
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

  /** @param start is called with an item that has been given a slot; `release` gives it back, once */
  openLane<T>(owner: FetchOwner, batchId: string, start: (item: T, release: () => void) => void): SweepLane<T> {
    const key = this.#keyOf(owner);
    const lane = new FetchLane(start);
    const lanes = key.batches.get(batchId) ?? new Set<AnyLane>();
    key.batches.set(batchId, lanes.add(lane as AnyLane)); // as: it only ever gets its own items
    return {
      add: (host, item) => {
        lane.add(host, item);
        this.#dispatch();
      },
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
      key = { id: apiKeyId, maxConcurrency, active: 0, singles: new FetchLane(grantWaiting), batches: new Map() };
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
      const next = isFull(key) ? undefined : key.singles.take(this.#hasRoom);
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
          const next = lane.take(this.#hasRoom);
          if (next === undefined) continue;
          moveToEnd(key.batches, batchId, lanes);
          lane.start(next.item, this.#occupy(key, next.host, false));
          return true;
        }
      }
    }
    return false;
  }

  readonly #hasRoom = (host: string): boolean => (this.#hosts.get(host) ?? 0) < this.#options.perHost;

  /** @returns what gives the slot back */
  #occupy(key: KeyQueues, host: string, isSingle: boolean): () => void {
    moveToEnd(this.#keys, key.id, key);
    this.#active += 1;
    this.#begun += 1;
    if (!isSingle) this.#activeOfSweeps += 1;
    key.active += 1;
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
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

const grantWaiting = ({ grant }: Waiting, release: () => void): void => grant(release);

const isFull = ({ active, maxConcurrency }: KeyQueues): boolean =>
  maxConcurrency !== undefined && active >= maxConcurrency;

/** A Map keeps the order of insertion: who has had a turn goes to the end. */
function moveToEnd<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size < 2) return;
  map.delete(key);
  map.set(key, value);
}
