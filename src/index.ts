/**
 * The interface for programs that start workflows themselves with a Temporal client: types of arguments and results, names of the queues,
 * and functions that make workflow ids. See docs/temporal-clients.md.
 */
export type { BatchEnding, JobEnding, ScrapeBatchInput, ScrapeJobInput, ScrapeRequest } from './workflows/workflow-io';
export type { FailReason } from './jobs/fail-reasons';
export { batchWorkflowId, jobWorkflowId } from './jobs/workflow-ids';
export { createBatchId, createJobId } from './jobs/job-id';
export { taskQueues } from './temporal/task-queues';
export type { TaskQueues } from './temporal/task-queues';
