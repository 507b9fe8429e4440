/** Fetches that wait for one host, in order of arrival. */
interface HostQueue<T> {
  readonly items: T[];
  /** Index of the next item, because taking from the front of an array would move all the others. */
  head: number;
}

export interface LaneHandlers<T> {
  /** Starts a fetch that has been given a slot; `release` gives it back, once. */
  readonly start: (item: T, release: () => void) => void;
  /** Takes back a fetch whose host must not be asked for `waitMs`. */
  readonly setAside: (item: T, waitMs: number) => void;
}

/** Decides whether a host may be asked now. After a no it is judged again only once it was woken. */
export type JudgeHost = (host: string, waiting: number, lane: Pick<FetchLane<unknown>, 'wake'>) => boolean;

/** Fetches that wait for a slot. They are kept by host, because a busy host must not hold up the others. */
export class FetchLane<T> {
  readonly start: LaneHandlers<T>['start'];
  readonly setAside: LaneHandlers<T>['setAside'];
  readonly #hosts = new Map<string, HostQueue<T>>();
  /** Hosts that are full, or whose time has not come. They are kept apart, because there may be thousands of them. */
  readonly #asleep = new Map<string, HostQueue<T>>();
  #size = 0;

  constructor({ start, setAside }: LaneHandlers<T>) {
    this.start = start;
    this.setAside = setAside;
  }

  get size(): number {
    return this.#size;
  }

  waitingFor(host: string): number {
    const queue = this.#queueOf(host);
    return queue === undefined ? 0 : queue.items.length - queue.head;
  }

  add(host: string, item: T): void {
    const queue = this.#queueOf(host);
    if (queue === undefined) this.#hosts.set(host, { items: [item], head: 0 });
    else queue.items.push(item);
    this.#size += 1;
  }

  /** Removes an item that has not been started. */
  remove(host: string, item: T): void {
    const queue = this.#queueOf(host);
    const index = queue?.items.indexOf(item, queue.head) ?? -1;
    if (queue === undefined || index === -1) return;
    queue.items.splice(index, 1);
    this.#size -= 1;
    if (queue.head === queue.items.length) this.#forget(host);
  }

  /** Removes all items that wait for a host. */
  removeAll(host: string): readonly T[] {
    const queue = this.#queueOf(host);
    if (queue === undefined) return [];
    this.#forget(host);
    const items = queue.items.slice(queue.head);
    this.#size -= items.length;
    return items;
  }

  /** Removes all items. */
  clear(): readonly T[] {
    const queues = [...this.#hosts.values(), ...this.#asleep.values()];
    this.#hosts.clear();
    this.#asleep.clear();
    this.#size = 0;
    return queues.flatMap(({ items, head }) => items.slice(head));
  }

  /** Makes a host be judged again, because its time may have come. */
  wake(host: string): void {
    const queue = this.#asleep.get(host);
    if (queue === undefined) return;
    this.#asleep.delete(host);
    this.#hosts.set(host, queue);
  }

  /** Takes the next fetch whose host may be asked; hosts take turns. A host that may not is passed over once for each wake-up. */
  take(judge: JudgeHost): { readonly host: string; readonly item: T } | undefined {
    if (this.#hosts.size === 0) return undefined;
    for (const [host, queue] of this.#hosts) {
      this.#hosts.delete(host);
      if (!judge(host, queue.items.length - queue.head, this)) {
        this.#asleep.set(host, queue);
        continue;
      }
      const item = queue.items[queue.head] as T; // as: a host without items is not kept
      queue.head += 1;
      this.#size -= 1;
      if (queue.head < queue.items.length) this.#hosts.set(host, queue);
      return { host, item };
    }
    return undefined;
  }

  #queueOf(host: string): HostQueue<T> | undefined {
    return this.#hosts.get(host) ?? (this.#asleep.size === 0 ? undefined : this.#asleep.get(host));
  }

  #forget(host: string): void {
    if (!this.#hosts.delete(host)) this.#asleep.delete(host);
  }
}
