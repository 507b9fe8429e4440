/**
 * For programs that start workflows themselves, with any Temporal client: the types of arguments and results, the names of
 * the queues and how workflow ids are built. See docs/temporal-clients.md.
 */
export type { BatchEnding, JobEnding, ScrapeBatchInput, ScrapeJobInput, ScrapeRequest } from './workflows/workflow-io';
export type { FailReason } from './jobs/fail-reasons';
export { batchWorkflowId, jobWorkflowId } from './jobs/workflow-ids';
export { createBatchId, createJobId } from './jobs/job-id';
export { taskQueues } from './temporal/task-queues';
export type { TaskQueues } from './temporal/task-queues';
