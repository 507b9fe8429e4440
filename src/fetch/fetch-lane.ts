/** Starts a fetch that has been given a slot; `release` gives it back, once. */
export type StartFetch = (release: () => void) => void;

export interface QueuedFetch {
  readonly host: string;
  readonly start: StartFetch;
}

/** Fetches that wait for a slot, by host, because a busy host must not hold up the others. */
export class FetchLane {
  readonly #hosts = new Map<string, Set<QueuedFetch>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(host: string, start: StartFetch): QueuedFetch {
    const queued: QueuedFetch = { host, start };
    let ofHost = this.#hosts.get(host);
    if (ofHost === undefined) this.#hosts.set(host, (ofHost = new Set()));
    ofHost.add(queued);
    this.#size += 1;
    return queued;
  }

  /** Takes a fetch out again that has not been started. */
  remove(queued: QueuedFetch): void {
    const ofHost = this.#hosts.get(queued.host);
    if (ofHost?.delete(queued) !== true) return;
    this.#size -= 1;
    if (ofHost.size === 0) this.#hosts.delete(queued.host);
  }

  /** @returns how many were dropped */
  clear(): number {
    const dropped = this.#size;
    this.#hosts.clear();
    this.#size = 0;
    return dropped;
  }

  /** The next fetch whose host has room; hosts take turns. At most as many hosts are passed over as can be busy at once. */
  take(hasRoom: (host: string) => boolean): QueuedFetch | undefined {
    if (this.#size === 0) return undefined;
    for (const [host, ofHost] of this.#hosts) {
      if (!hasRoom(host)) continue;
      const [first] = ofHost;
      if (first === undefined) continue;
      ofHost.delete(first);
      this.#size -= 1;
      this.#hosts.delete(host);
      if (ofHost.size > 0) this.#hosts.set(host, ofHost);
      return first;
    }
    return undefined;
  }
}
