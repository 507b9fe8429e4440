import type { FetchLane, LaneHandlers } from './fetch-lane';

/** What is to be done with the URLs of a sweep. */
export interface SweepHandlers<T> extends LaneHandlers<T> {
  /** A URL whose host rests for longer than this is set aside (ms). */
  readonly patienceMs: number;
}

/** A sweep's queue in the pool. */
export interface SweepLane<T> {
  /** Queues a URL. One that would wait too long is set aside at once. */
  add(host: string, item: T): void;
  /** Drops what has not been started. @returns how many */
  clear(): number;
  close(): void;
}

/** A lane of a sweep as the pool sees it: lanes start their own items, so what these are does not matter. */
export type SweptLane = Pick<FetchLane<unknown>, 'start' | 'setAside' | 'take' | 'removeAll' | 'waitingFor'> & {
  /** A URL whose host rests for longer than this is set aside (ms). */
  readonly patienceMs: number;
};
