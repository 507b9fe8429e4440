import { once } from '../async/once';
import { abortable } from '../async/until-aborted';
import type { SharedLimits } from './shares/shared-limits';
import { Tally } from './tally';

/** Lets at most `limit` requests per host be in flight, first come, first served. A host without requests takes no memory. */
export class HostLimiter {
  readonly #limitOf: (host: string) => number;
  readonly #load = new Tally();
  /** Insertion order is the order of arrival; Sets, because a waiter that gives up may stand anywhere. None is empty. */
  readonly #waiting = new Map<string, Set<() => void>>();

  readonly #onWaiting: (host: string, waiting: number) => void;

  /**
   * @param limitOf limit of a host, if hosts differ. When it grows, {@link wake} must be called.
   * @param onWaiting called when a request has to wait, with the number of waiting ones
   */
  constructor(
    limit: number,
    limitOf: (host: string) => number = () => limit,
    onWaiting: (host: string, waiting: number) => void = () => undefined,
  ) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit per host must be 1 or more, not ${limit}`);
    this.#limitOf = limitOf;
    this.#onWaiting = onWaiting;
  }

  /** Hosts with requests in flight, and their number. */
  entries(): Iterable<readonly [host: string, count: number]> {
    return this.#load.entries();
  }

  /** Starts waiting requests of a host as far as it has room now, and reports the others to `onWaiting` again. */
  wake(host: string): void {
    const queue = this.#waiting.get(host);
    if (queue === undefined) return;
    for (const next of queue) {
      if (this.#load.of(host) >= this.#limitOf(host)) return this.#onWaiting(host, queue.size);
      this.#load.add(host);
      next();
    }
  }

  get busyHosts(): number {
    return this.#load.size;
  }

  /** Takes a slot if one is free. @returns function that gives it back; undefined when none was free */
  tryAcquire(host: string): (() => void) | undefined {
    if (this.#load.of(host) >= this.#limitOf(host)) return undefined;
    this.#load.add(host);
    return once(() => this.#leave(host));
  }

  /** Waits for a slot. Resolves with the function that gives it back, or rejects with the signal's reason, and then no slot is taken. */
  async acquire(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const leave = this.tryAcquire(host);
    if (leave !== undefined) return leave;
    await this.#waitTurn(host, signal);
    return once(() => this.#leave(host));
  }

  #waitTurn(host: string, signal: AbortSignal): Promise<void> {
    return abortable(signal, ({ resolve }) => {
      const queue = this.#waiting.get(host) ?? new Set();
      this.#waiting.set(host, queue.add(resolve));
      this.#onWaiting(host, queue.size);
      return () => {
        queue.delete(resolve);
        if (queue.size === 0) this.#waiting.delete(host);
      };
    });
  }

  #leave(host: string): void {
    this.#load.remove(host);
    this.wake(host);
  }
}

/** The limits of hosts that all workers share, as a limiter uses them. */
export type HostShares = Pick<SharedLimits, 'most' | 'want' | 'listen' | 'watch'>;

/**
 * Creates a limiter whose hosts may have as many requests in flight as this worker's share of their limits allows now.
 * @param limit usual limit of a host
 * @param limitOf limit of a host for all workers together
 */
export function createSharedLimiter(
  limit: number,
  limitOf: (host: string) => number,
  shares: HostShares | undefined,
): HostLimiter {
  if (shares === undefined) return new HostLimiter(limit, limitOf);
  const limiter = new HostLimiter(
    limit,
    (host) => shares.most(host, limitOf(host)),
    (host, waiting) => {
      if (shares.most(host, limitOf(host)) < limitOf(host)) shares.want(host, limitOf(host), waiting);
    },
  );
  shares.listen((resource) => limiter.wake(resource));
  shares.watch({ inFlight: () => limiter.entries(), limitOf });
  return limiter;
}
