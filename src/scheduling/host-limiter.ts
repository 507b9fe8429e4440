import { once } from '../async/once';

interface HostQueue {
  active: number;
  /** Insertion order is the order of arrival; a Set, because a waiter that gives up may stand anywhere. */
  readonly waiting: Set<() => void>;
}

/** At most `limit` requests in flight per host, first come, first served. A host without requests takes no memory. */
export class HostLimiter {
  readonly #limitOf: (host: string) => number;
  readonly #hosts = new Map<string, HostQueue>();

  /** @param limitOf of a host, 1 or more and always the same, where not all hosts have the same limit */
  constructor(limit: number, limitOf: (host: string) => number = () => limit) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit per host must be 1 or more, not ${limit}`);
    this.#limitOf = limitOf;
  }

  get busyHosts(): number {
    return this.#hosts.size;
  }

  /** The function that gives the slot back; undefined when there is none without waiting. */
  tryAcquire(host: string): (() => void) | undefined {
    let queue = this.#hosts.get(host);
    if (queue === undefined) this.#hosts.set(host, (queue = { active: 0, waiting: new Set() }));
    else if (queue.active >= this.#limitOf(host)) return undefined;
    queue.active += 1;
    const taken = queue;
    return once(() => this.#leave(host, taken));
  }

  /** Resolves with the function that gives the slot back. Rejects with the signal's reason, then no slot is taken. */
  async acquire(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const queue = this.#hosts.get(host) ?? { active: 0, waiting: new Set() };
    this.#hosts.set(host, queue);
    if (queue.active < this.#limitOf(host)) queue.active += 1;
    else await waitTurn(queue, signal);
    return once(() => this.#leave(host, queue));
  }

  #leave(host: string, queue: HostQueue): void {
    const [next] = queue.waiting;
    if (next) return next(); // the slot passes on: `active` stays, so that nobody can slip in between
    queue.active -= 1;
    if (queue.active === 0) this.#hosts.delete(host);
  }
}

function waitTurn(queue: HostQueue, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      queue.waiting.delete(take);
      signal.removeEventListener('abort', giveUp);
    };
    const take = () => {
      leave();
      resolve();
    };
    const giveUp = () => {
      leave();
      reject(signal.reason as Error);
    };
    queue.waiting.add(take);
    signal.addEventListener('abort', giveUp);
  });
}
