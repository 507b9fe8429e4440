import { workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { siblingQueue } from './policy/ids';

/** Short database work: tried until PostgreSQL is there again. */
export const storeOptions: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
};

/**
 * One attempt. The server retries it until the time is over; the delay comes from the failure (`nextRetryDelay`), so the
 * policy here only serves failures that are not ours, such as a worker that died. Waiting for a slot of a busy host counts
 * into start-to-close; that a worker died shows in the missing heartbeat.
 */
export const scrapeOptions = (budget: number): ActivityOptions => ({
  scheduleToCloseTimeout: budget,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});

/**
 * One sweep. It hands back by itself after its shift of 10 minutes, and what it has not committed is found by the next one.
 * Heartbeats come every 3 s: after 12 s without one the worker is dead, and another takes over.
 */
export const sweepOptions = (budget: number): ActivityOptions => ({
  scheduleToCloseTimeout: budget,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '12 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** Where an activity that fetches runs: pages for a browser go to the workers that have one, single ones not behind whole batches. */
export const fetchQueue = (
  isRendered: boolean | undefined,
  kind: 'render' | 'rendersweeps',
): Pick<ActivityOptions, 'taskQueue'> =>
  isRendered === true ? { taskQueue: siblingQueue(workflowInfo().taskQueue, kind) } : {};
