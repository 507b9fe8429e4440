import type { FetchLane } from './fetch-lane';

type Wakeable = Pick<FetchLane<unknown>, 'wake'>;

/** Lanes with fetches for hosts that may not be asked now, by host. Each is told once when its host is to be judged again. */
export class SleepingLanes {
  readonly #byHost = new Map<string, Set<Wakeable>>();

  add(host: string, lane: Wakeable): void {
    const lanes = this.#byHost.get(host);
    if (lanes === undefined) this.#byHost.set(host, new Set([lane]));
    else lanes.add(lane);
  }

  /** Wakes the lanes that wait for a host. @returns whether there were any */
  wake(host: string): boolean {
    const lanes = this.#byHost.get(host);
    if (lanes === undefined) return false;
    this.#byHost.delete(host);
    for (const lane of lanes) lane.wake(host);
    return true;
  }

  wakeAll(): void {
    for (const host of [...this.#byHost.keys()]) this.wake(host);
  }
}
