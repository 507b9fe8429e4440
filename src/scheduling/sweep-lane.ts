import type { FetchLane, LaneHandlers } from './fetch-lane';

/** Functions that start the URLs of a sweep or take them back. */
export interface SweepHandlers<T> extends LaneHandlers<T> {
  /** A URL whose host rests for longer than this is set aside (ms). */
  readonly patienceMs: number;
}

/** The queue of a sweep in the pool. */
export interface SweepLane<T> {
  /** Queues a URL. One that would wait too long is set aside at once. */
  add(host: string, item: T): void;
  /** Sets how many fetches of the batch may be in flight to one host, for those that begin from now on. */
  limitPerHost(maxPerHost: number | undefined): void;
  /** Drops the URLs that have not been started. @returns their number */
  clear(): number;
  close(): void;
}

/** A lane of a sweep as the pool sees it: lanes start their own items, so what these are does not matter. */
export type SweptLane = Pick<FetchLane<unknown>, 'start' | 'setAside' | 'take' | 'removeAll' | 'waitingFor'> & {
  /** A URL whose host rests for longer than this is set aside (ms). */
  readonly patienceMs: number;
};
