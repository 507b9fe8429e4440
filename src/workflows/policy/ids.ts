import type { WorkflowInfo } from '@temporalio/workflow';

/** The UUID in a workflow id such as `job/<uuid>`; undefined when the client chose another kind of id. */
export function uuidIn(workflowId: string, prefix: 'job' | 'batch'): string | undefined {
  const match = /^(job|batch)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/.exec(workflowId);
  return match?.[1] === prefix ? match[2] : undefined;
}

/** Makes a UUIDv7 from the workflow's own clock and random numbers, so that a replay makes the same one. */
export function uuidV7(timeMs: number, random: string, suffix: '0000' | 'ffff'): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15, 18)}-${random.slice(19, 23)}-${random.slice(24, 32)}${suffix}`;
}

/**
 * Makes a UUIDv7 from the id of the first run, so that a reset makes the same one, although its random numbers differ. Only bits
 * that are random in UUIDs of both version 4 and 7 are taken.
 */
export const uuidOfStart = (timeMs: number, runId: string, suffix: '0000' | 'ffff'): string =>
  uuidV7(timeMs, `${runId.slice(0, 15)}${runId.slice(33, 36)}${runId.slice(18)}`, suffix);

/** Another task queue of the same installation, such as `everfetch-jobs` for `everfetch-sweeps`. */
export function siblingQueue(
  taskQueue: string,
  kind: 'jobs' | 'sweeps' | 'webhooks' | 'render' | 'rendersweeps',
): string {
  return taskQueue.replace(/-[a-z]+$/, `-${kind}`);
}

/**
 * The run that identifies a start, because several starts may use the same workflow id. Resets and retries keep the first run
 * (measured on server 1.32). Each run of a cron workflow is a start of its own, and its resets keep the original run.
 */
export const startRunIdOf = ({
  cronSchedule,
  firstExecutionRunId,
  originalExecutionRunId,
}: Pick<WorkflowInfo, 'cronSchedule' | 'firstExecutionRunId' | 'originalExecutionRunId'>): string =>
  cronSchedule === undefined ? firstExecutionRunId : originalExecutionRunId;
