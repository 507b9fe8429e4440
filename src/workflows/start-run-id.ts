import type { WorkflowInfo } from '@temporalio/workflow';

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
