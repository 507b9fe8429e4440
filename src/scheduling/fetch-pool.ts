import { once } from '../async/once';
import { abortable } from '../async/until-aborted';
import { FetchLane } from './fetch-lane';
import { FetchSlots } from './fetch-slots';
import { HostTurns } from './host-turns';
import { ActiveKeys } from './key-queues';
import type { FetchOwner, KeyQueues, TakenSwept, WaitingJob } from './key-queues';
import { OwnerLimits } from './owner-limits';
import { HostBusyError } from './pacing/host-gate';
import type { HostDelay, HostGate } from './pacing/host-gate';
import { deferMsFor, isTooLongForSingles, isTooLongForSweep, whyBusy } from './patience';
import type { SharedLimits } from './shares/shared-limits';
import type { SweepHandlers, SweepLane, SweptLane } from './sweep-lane';

export interface FetchPoolOptions {
  /** Most fetches in flight. */
  readonly capacity: number;
  /** Most fetches in flight to one host. Redirects to other hosts wait inside their fetch. */
  readonly perHost: number;
  /** Knows the hosts that may be asked only at a certain pace, or are resting. */
  readonly gate?: HostGate | undefined;
  /** The limits of hosts and keys that all workers share. The gate asks it about hosts. */
  readonly shares?: Pick<SharedLimits, 'most' | 'want' | 'listen' | 'watch'> | undefined;
  /** What keys and batches have in flight in all pools of this worker. @default a pool that is alone */
  readonly owners?: OwnerLimits | undefined;
  /** Limit of a host, of all workers together. @default `perHost` */
  readonly limitOfHost?: (host: string) => number;
}

/** When a single job comes back that has found its batch at its limit for the host. */
const FULL_FOR_BATCH = { reason: 'crowded', waitMs: 1_000, intervalMs: 0 } as const;

/** Thrown when the worker is stopping, and nothing new is fetched. */
export class PoolStoppedError extends Error {
  override readonly name = 'PoolStoppedError';

  constructor() {
    super('the worker is stopping');
  }
}

/**
 * The fetch slots of one worker. Single jobs go first, then keys take turns, then the batches of a key. What waits for a busy
 * host, or for a key that has all it may have, holds no slot.
 */
export class FetchPool {
  readonly #slots: FetchSlots;
  readonly #hosts: HostTurns;
  readonly #keys: ActiveKeys;
  readonly #owners: OwnerLimits;
  #begun = 0;
  #isDispatching = false;
  #isDispatchPlanned = false;
  #isStopped = false;

  constructor({
    capacity,
    perHost,
    gate,
    shares,
    owners = new OwnerLimits(shares),
    limitOfHost = () => perHost,
  }: FetchPoolOptions) {
    this.#slots = new FetchSlots(capacity);
    this.#hosts = new HostTurns(perHost, gate);
    this.#keys = new ActiveKeys(owners);
    this.#owners = owners;
    owners.join(this, () => this.#dispatch());
    shares?.watch({ inFlight: () => this.#hosts.entries(), limitOf: limitOfHost });
    shares?.watch({ inFlight: () => this.#keys.inFlight(), limitOf: (resource) => this.#keys.limitOf(resource) });
    gate?.listen({
      onOpen: (host) => this.#hosts.wake(host) && this.#dispatch(),
      onShut: (host, delay) => this.#sendAway(host, delay),
    });
    // The gate's listener comes first and has woken the host. A host or key that was full may have more room now, too.
    shares?.listen(() => this.#dispatchSoon());
  }

  /** Whether at least half of its slots are taken. */
  get isBusy(): boolean {
    return this.#slots.counted * 2 >= this.#slots.capacity;
  }

  /** Whether sweeps or single jobs have taken all the slots that they may have. */
  get isFull(): boolean {
    return !this.#slots.hasRoom || !this.#slots.hasRoomForSweep;
  }

  get capacity(): number {
    return this.#slots.capacity;
  }

  /** Changes the number of slots. When more are taken, no fetch is ended, but none begins until enough slots have come back. */
  resize(capacity: number): void {
    this.#slots.capacity = capacity;
    this.#dispatch();
  }

  /** Gives the slots of fetches that have become slow to others, as {@link FetchSlots} says. To be called again and again. */
  discountSlow(): void {
    this.#slots.discountSlow();
    this.#dispatch();
  }

  /** Fetches begun since the start. */
  get begun(): number {
    return this.#begun;
  }

  /** Fetches in flight. */
  get active(): number {
    return this.#slots.taken;
  }

  /** Hosts with at least one fetch in flight. */
  get busyHosts(): number {
    return this.#hosts.busyHosts;
  }

  /**
   * Waits for a slot for a single job. Rejects with the signal's reason or a PoolStoppedError, then no slot is taken.
   * @param isReturning whether the job has been sent away before
   * @returns undefined when as many fetches of the key wait here as it may have in flight: the job is to come back later,
   *   because it holds an activity while it waits. For the same reason it rejects with a HostBusyError when the host is not to be
   *   asked soon.
   */
  enter(owner: FetchOwner, host: string, signal: AbortSignal, isReturning = false): Promise<() => void> | undefined {
    const key = this.#keys.of(owner);
    if (key.isCrowded) return undefined;
    const { batches } = this.#owners;
    const turns = owner.batch && batches.limit(owner.batch.id, owner.batch.maxPerHost);
    const forgetBatch = () => owner.batch !== undefined && batches.forgetIdle(owner.batch.id);
    const [delay, ahead] = [this.#hosts.delayOf(host), this.#keys.singlesWaitingFor(host)];
    const isFull = turns?.hasRoom(host) === false;
    const busy = isFull
      ? new HostBusyError(host, FULL_FOR_BATCH)
      : whyBusy(host, { delay, ahead, perHost: this.#hosts.perHost, isReturning });
    if (busy !== undefined) {
      forgetBatch();
      this.#keys.forgetIdle(key);
      return Promise.reject(busy);
    }
    // The place among those of the batch is taken at once, because it is few that wait here.
    turns?.noteStart(host);
    const leaveBatch = once(() => {
      turns?.noteEnd(host);
      forgetBatch();
      if (turns !== undefined) this.#owners.tellOthers(this);
    });
    const entered = abortable<() => void>(signal, ({ resolve, reject }) => {
      const job: WaitingJob = { grant: resolve, refuse: reject };
      key.singles.add(host, job);
      if (this.#isStopped && !signal.aborted) reject(new PoolStoppedError());
      return (isGranted) => {
        if (isGranted) return;
        leaveBatch();
        key.singles.remove(host, job);
        this.#keys.forgetIdle(key);
      };
    });
    this.#dispatch();
    if (turns === undefined) return entered;
    return entered.then((leave) => () => {
      leave();
      leaveBatch();
      this.#dispatch();
    });
  }

  /** Refuses the single jobs that wait here. Sweeps clear their lanes themselves. */
  stop(): void {
    this.#isStopped = true;
    const waiting = [...this.#keys].flatMap(({ singles }) => singles.clear());
    for (const { refuse } of waiting) refuse(new PoolStoppedError());
  }

  openLane<T>(owner: FetchOwner, batchId: string, handlers: SweepHandlers<T>): SweepLane<T> {
    const key = this.#keys.of(owner);
    this.#owners.batches.limit(batchId, owner.batch?.maxPerHost);
    const lane = Object.assign(new FetchLane(handlers), { patienceMs: handlers.patienceMs });
    const swept = lane as SweptLane; // as: it only ever gets its own items
    const lanesOfBatch = key.addLane(batchId, swept);
    return {
      add: (host, item) => {
        const delay = this.#hosts.delayOf(host);
        const deferMs = delay === undefined ? 0 : deferMsFor(host, delay, swept, lanesOfBatch);
        if (deferMs > 0) return handlers.setAside(item, deferMs);
        lane.add(host, item);
        this.#dispatch();
      },
      limitPerHost: (maxPerHost) => {
        this.#owners.batches.limit(batchId, maxPerHost);
        this.#dispatch();
      },
      clear: () => lane.clear().length,
      close: once(() => {
        lane.clear();
        key.removeLane(batchId, swept);
        this.#keys.forgetIdle(key);
      }),
    };
  }

  /** Dispatches once for all hosts that get room in the same turn of the event loop. */
  #dispatchSoon(): void {
    if (this.#isDispatchPlanned) return;
    this.#isDispatchPlanned = true;
    setImmediate(() => {
      this.#isDispatchPlanned = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#isDispatching) return; // a fetch that starts may add others
    this.#isDispatching = true;
    try {
      while (this.#slots.hasRoom) {
        if (!this.#startSingle() && !(this.#slots.hasRoomForSweep && this.#startSwept())) return;
      }
    } finally {
      this.#isDispatching = false;
    }
  }

  #startSingle(): boolean {
    for (const key of this.#keys) {
      const next = key.isFull ? undefined : key.singles.take(this.#hosts.judge);
      if (next === undefined) continue;
      key.singles.start(next.item, this.#occupy(key, { host: next.host, turns: undefined }, true));
      return true;
    }
    return false;
  }

  #startSwept(): boolean {
    for (const key of this.#keys) {
      const next = key.isFull ? undefined : key.takeSwept(this.#hosts.judge);
      if (next === undefined) continue;
      next.lane.start(next.item, this.#occupy(key, next, false));
      return true;
    }
    return false;
  }

  /** Sends away the fetches that would wait too long for the host; they come back later. */
  #sendAway(host: string, delay: HostDelay): void {
    for (const key of [...this.#keys]) {
      if (isTooLongForSingles(delay))
        for (const { refuse } of key.singles.removeAll(host)) refuse(new HostBusyError(host, delay));
      for (const lane of key.lanes())
        if (isTooLongForSweep(delay, lane)) for (const item of lane.removeAll(host)) lane.setAside(item, delay.waitMs);
    }
  }

  /**
   * Takes a slot, and a place among those that the batch of a swept fetch may have at the host.
   * @returns the function that gives both back
   */
  #occupy(key: KeyQueues, { host, turns }: Pick<TakenSwept, 'host' | 'turns'>, isSingle: boolean): () => void {
    this.#keys.noteTurn(key);
    const slot = this.#slots.take(!isSingle);
    this.#begun += 1;
    key.noteStart();
    this.#hosts.noteStart(host);
    turns?.noteStart(host);
    return once(() => {
      this.#slots.leave(slot);
      key.noteEnd();
      this.#hosts.noteEnd(host);
      turns?.noteEnd(host);
      this.#keys.forgetIdle(key);
      // The others first, so that pools take turns where they share a limit.
      if (turns !== undefined || key.maxConcurrency !== undefined) this.#owners.tellOthers(this);
      this.#dispatch();
    });
  }
}
