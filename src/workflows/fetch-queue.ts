import { workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { siblingQueue } from './policy/ids';

/** Where an activity that fetches runs: pages for a browser go to the workers that have one, single ones not behind whole batches. */
export const fetchQueue = (
  isRendered: boolean | undefined,
  kind: 'render' | 'rendersweeps',
): Pick<ActivityOptions, 'taskQueue'> =>
  isRendered === true ? { taskQueue: siblingQueue(workflowInfo().taskQueue, kind) } : {};
