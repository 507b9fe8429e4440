/** Fetches of one host in order of arrival. */
interface HostQueue<T> {
  readonly items: T[];
  /** Where the next one is: taking from the front of an array would move all the others. */
  head: number;
}

/** Fetches that wait for a slot, by host, because a busy host must not hold up the others. One object per lane, not per fetch. */
export class FetchLane<T> {
  /** Starts a fetch that has been given a slot; `release` gives it back, once. */
  readonly start: (item: T, release: () => void) => void;
  readonly #hosts = new Map<string, HostQueue<T>>();
  #size = 0;

  constructor(start: (item: T, release: () => void) => void) {
    this.start = start;
  }

  get size(): number {
    return this.#size;
  }

  add(host: string, item: T): void {
    const queue = this.#hosts.get(host);
    if (queue === undefined) this.#hosts.set(host, { items: [item], head: 0 });
    else queue.items.push(item);
    this.#size += 1;
  }

  /** Takes an item out again that has not been started. */
  remove(host: string, item: T): void {
    const queue = this.#hosts.get(host);
    const index = queue?.items.indexOf(item, queue.head) ?? -1;
    if (queue === undefined || index === -1) return;
    queue.items.splice(index, 1);
    this.#size -= 1;
    if (queue.head === queue.items.length) this.#hosts.delete(host);
  }

  /** @returns how many were dropped */
  clear(): number {
    const dropped = this.#size;
    this.#hosts.clear();
    this.#size = 0;
    return dropped;
  }

  /** The next fetch whose host has room; hosts take turns. At most as many hosts are passed over as can be busy at once. */
  take(hasRoom: (host: string) => boolean): { readonly host: string; readonly item: T } | undefined {
    if (this.#size === 0) return undefined;
    for (const [host, queue] of this.#hosts) {
      if (!hasRoom(host)) continue;
      const item = queue.items[queue.head] as T; // as: a host without items is not kept
      queue.head += 1;
      this.#size -= 1;
      this.#hosts.delete(host);
      if (queue.head < queue.items.length) this.#hosts.set(host, queue);
      return { host, item };
    }
    return undefined;
  }
}
