import { workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { siblingQueue } from './policy/ids';

/** Options of short database work, which is retried until PostgreSQL is back. */
export const storeOptions: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
};

/**
 * Options of one attempt. The server retries it until the time is over, after the delay in the failure (`nextRetryDelay`). The
 * retry policy serves only failures that are not ours, such as a worker that died. The wait for a slot of a busy host counts towards
 * start-to-close, which is therefore long; a dead worker is noticed by its missing heartbeats.
 * @param budget time until the deadline, ms
 */
export const scrapeOptions = (budget: number): ActivityOptions => ({
  scheduleToCloseTimeout: budget,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});

/**
 * Options of one sweep. It returns by itself after its shift of 10 minutes, and the next sweep finds what it has not committed.
 * Heartbeats come every 3 s, so after 12 s without one the worker counts as dead, and another takes over.
 * @param budget time until the deadline, ms
 */
export const sweepOptions = (budget: number): ActivityOptions => ({
  scheduleToCloseTimeout: budget,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '12 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/**
 * Task queue of an activity that fetches. Pages for a browser go to workers that have one, on two queues, so that single pages do
 * not wait behind batches.
 */
export const fetchQueue = (
  isRendered: boolean | undefined,
  kind: 'render' | 'rendersweeps',
): Pick<ActivityOptions, 'taskQueue'> =>
  isRendered === true ? { taskQueue: siblingQueue(workflowInfo().taskQueue, kind) } : {};
