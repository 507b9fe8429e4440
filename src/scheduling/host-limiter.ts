import { once } from '../async/once';
import { abortable } from '../async/until-aborted';
import { HostLoad } from './host-load';

/** Lets at most `limit` requests per host be in flight, first come, first served. A host without requests takes no memory. */
export class HostLimiter {
  readonly #limitOf: (host: string) => number;
  readonly #load = new HostLoad();
  /** Insertion order is the order of arrival; Sets, because a waiter that gives up may stand anywhere. None is empty. */
  readonly #waiting = new Map<string, Set<() => void>>();

  /** @param limitOf the limit of a host where hosts differ: 1 or more, and always the same for the same host */
  constructor(limit: number, limitOf: (host: string) => number = () => limit) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit per host must be 1 or more, not ${limit}`);
    this.#limitOf = limitOf;
  }

  get busyHosts(): number {
    return this.#load.busyHosts;
  }

  /** The function that gives the slot back; undefined when there is none without waiting. */
  tryAcquire(host: string): (() => void) | undefined {
    const inFlight = this.#load.of(host);
    if (inFlight > 0 && inFlight >= this.#limitOf(host)) return undefined;
    this.#load.add(host);
    return once(() => this.#leave(host));
  }

  /** Resolves with the function that gives the slot back. Rejects with the signal's reason, then no slot is taken. */
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
      return () => {
        queue.delete(resolve);
        if (queue.size === 0) this.#waiting.delete(host);
      };
    });
  }

  #leave(host: string): void {
    const [next] = this.#waiting.get(host) ?? [];
    if (next)
      next(); // the slot passes to the next one and the count stays, so that nobody can slip in between
    else this.#load.remove(host);
  }
}
