import type { WorkflowInfo } from '@temporalio/workflow';

/** The UUID in a workflow id such as `job/<uuid>`, if that is what a programmatic client chose. */
export function uuidIn(workflowId: string, prefix: 'job' | 'batch'): string | undefined {
  const match = /^(job|batch)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/.exec(workflowId);
  return match?.[1] === prefix ? match[2] : undefined;
}

/** A UUIDv7 from the workflow's own clock and random numbers, so that a replay makes the same one. */
export function uuidV7(timeMs: number, random: string, suffix: '0000' | 'ffff'): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15, 18)}-${random.slice(19, 23)}-${random.slice(24, 32)}${suffix}`;
}

/**
 * The same from the first run of a start, so that a reset makes the same one too: it begins with other random numbers. Only
 * those bits are taken that are random in UUIDs of version 4 and 7.
 */
export const uuidOfStart = (timeMs: number, runId: string, suffix: '0000' | 'ffff'): string =>
  uuidV7(timeMs, `${runId.slice(0, 15)}${runId.slice(33, 36)}${runId.slice(18)}`, suffix);

/** The queue of another kind of the same installation: `everfetch-sweeps` → `everfetch-jobs`. */
export function siblingQueue(
  taskQueue: string,
  kind: 'jobs' | 'sweeps' | 'webhooks' | 'render' | 'rendersweeps',
): string {
  return taskQueue.replace(/-[a-z]+$/, `-${kind}`);
}

/**
 * What tells one start from another under the same workflow id: its first run. A reset and a retry of the workflow keep it
 * (measured on server 1.32); of a cron workflow each run is a start of its own, and its resets keep the run that they began with.
 */
export const startRunIdOf = ({
  cronSchedule,
  firstExecutionRunId,
  originalExecutionRunId,
}: Pick<WorkflowInfo, 'cronSchedule' | 'firstExecutionRunId' | 'originalExecutionRunId'>): string =>
  cronSchedule === undefined ? firstExecutionRunId : originalExecutionRunId;
