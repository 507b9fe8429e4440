import type { BatchTurns } from './batch-turns';
import { FetchLane } from './fetch-lane';
import type { JudgeHost } from './fetch-lane';
import type { OwnerLimits } from './owner-limits';
import type { SweptLane } from './sweep-lane';

/** The API key that fetches are made for. */
export interface FetchOwner {
  readonly apiKeyId: string;
  /** The batch that the fetches are of, when it has a limit of its own. */
  readonly batch?: { readonly id: string; readonly maxPerHost: number } | undefined;
  /** Fetches that the key may have in flight in all workers together; undefined for as many as there are slots. */
  readonly maxConcurrency: number | undefined;
}

/** A single job that waits for a slot. */
export interface WaitingJob {
  readonly grant: (release: () => void) => void;
  readonly refuse: (error: Error) => void;
}

/** A fetch of a sweep that is to start. */
export interface TakenSwept {
  readonly lane: SweptLane;
  readonly host: string;
  readonly item: unknown;
  /** The limit of its batch, if that has one. */
  readonly turns: BatchTurns | undefined;
}

/** Fetches of one API key that wait in a pool or are in flight there. */
export class KeyQueues {
  readonly id: string;
  maxConcurrency: number | undefined;
  /** Fetches in flight in this pool. */
  #active = 0;
  readonly singles = new FetchLane<WaitingJob>({
    start: ({ grant }, release) => grant(release),
    setAside: () => undefined,
  });
  /** Lanes by batch, the oldest lane first: turns within a batch would gain nothing, and without them whole chunks end sooner. */
  readonly #batches = new Map<string, Set<SweptLane>>();
  readonly #limits: OwnerLimits;

  constructor({ apiKeyId, maxConcurrency }: FetchOwner, limits: OwnerLimits) {
    this.#limits = limits;
    this.id = apiKeyId;
    this.maxConcurrency = maxConcurrency;
  }

  /** Fetches in flight in all pools of this worker. */
  get inFlight(): number {
    return this.#limits.keys.of(this.id);
  }

  noteStart(): void {
    this.#active += 1;
    this.#limits.keys.add(this.id);
  }

  noteEnd(): void {
    this.#active -= 1;
    this.#limits.keys.remove(this.id);
  }

  /** Whether the key has as many fetches in flight as it may have. */
  get isFull(): boolean {
    const limit = this.maxConcurrency;
    if (limit === undefined) return false;
    const { shares } = this.#limits;
    if (shares === undefined) return this.inFlight >= limit;
    const resource = resourceOfKey(this.id);
    const most = shares.most(resource, limit);
    if (this.inFlight < most) return false;
    if (most < limit && this.#hasWaiting) shares.want(resource, limit, limit - most);
    return true;
  }

  get #hasWaiting(): boolean {
    return this.singles.size > 0 || this.#batches.size > 0;
  }

  /** Whether as many single jobs wait as the key may have in flight. */
  get isCrowded(): boolean {
    return this.maxConcurrency !== undefined && this.singles.size >= this.maxConcurrency;
  }

  get isIdle(): boolean {
    return this.#active === 0 && this.singles.size === 0 && this.#batches.size === 0;
  }

  lanes(): readonly SweptLane[] {
    return [...this.#batches.values()].flatMap((lanes) => [...lanes]);
  }

  /** @returns all lanes of the batch, the new one included */
  addLane(batchId: string, lane: SweptLane): ReadonlySet<SweptLane> {
    const lanes = this.#batches.get(batchId) ?? new Set();
    this.#batches.set(batchId, lanes.add(lane));
    this.#limits.batches.noteLane(batchId);
    return lanes;
  }

  removeLane(batchId: string, lane: SweptLane): void {
    const lanes = this.#batches.get(batchId);
    if (lanes?.delete(lane) !== true) return;
    if (lanes.size === 0) this.#batches.delete(batchId);
    this.#limits.batches.noteLaneClosed(batchId);
  }

  /** Takes the next fetch of a sweep; batches take turns. */
  takeSwept(judge: JudgeHost): TakenSwept | undefined {
    const { batches: limits } = this.#limits;
    for (const [batchId, lanes] of this.#batches) {
      const turns = limits.isEmpty ? undefined : limits.of(batchId);
      const judgeOfBatch = turns === undefined ? judge : turns.judgeWith(judge);
      for (const lane of lanes) {
        const next = lane.take(judgeOfBatch);
        if (next === undefined) continue;
        moveToEnd(this.#batches, batchId, lanes);
        return { lane, turns, ...next };
      }
    }
    return undefined;
  }
}

/** Prefix that tells the limits of keys from those of hosts, because no host has a space in its name. */
const KEY = 'key ';
const resourceOfKey = (id: string): string => `${KEY}${id}`;

/** The keys with something to do in a pool, in the order of their turns. */
export class ActiveKeys {
  readonly #keys = new Map<string, KeyQueues>();
  readonly #limits: OwnerLimits;

  constructor(limits: OwnerLimits) {
    this.#limits = limits;
  }

  /** Fetches in flight in this worker of each key with a limit, by the name under which workers share it. */
  *inFlight(): Iterable<readonly [resource: string, count: number]> {
    for (const { id, maxConcurrency, inFlight } of this.#keys.values())
      if (maxConcurrency !== undefined && inFlight > 0) yield [resourceOfKey(id), inFlight];
  }

  /** The limit of a key, by the name under which workers share it. */
  limitOf(resource: string): number {
    return this.#keys.get(resource.slice(KEY.length))?.maxConcurrency ?? Infinity;
  }

  [Symbol.iterator](): Iterator<KeyQueues> {
    return this.#keys.values();
  }

  of(owner: FetchOwner): KeyQueues {
    const known = this.#keys.get(owner.apiKeyId);
    const key = known ?? new KeyQueues(owner, this.#limits);
    if (known === undefined) this.#keys.set(key.id, key);
    else key.maxConcurrency = owner.maxConcurrency; // the owner may have changed it
    return key;
  }

  noteTurn(key: KeyQueues): void {
    moveToEnd(this.#keys, key.id, key);
  }

  forgetIdle(key: KeyQueues): void {
    if (key.isIdle) this.#keys.delete(key.id);
  }

  /** Single jobs of all keys that wait for this host. */
  singlesWaitingFor(host: string): number {
    let waiting = 0;
    for (const { singles } of this.#keys.values()) if (singles.size > 0) waiting += singles.waitingFor(host);
    return waiting;
  }
}

/** Moves a key that has had its turn to the end, because a Map keeps the order of insertion. */
function moveToEnd<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size < 2) return;
  map.delete(key);
  map.set(key, value);
}
