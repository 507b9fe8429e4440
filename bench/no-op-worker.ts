import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';

export const NO_OP_QUEUE = 'bench-no-op';

/** The bare baseline: a workflow with one activity, neither of which does anything. */
export function createNoOpWorker(connection: NativeConnection): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: 'default',
    taskQueue: NO_OP_QUEUE,
    workflowsPath: require.resolve('./no-op-workflow'),
    activities: { noOp: async () => undefined },
    maxConcurrentActivityTaskExecutions: 128,
    maxConcurrentWorkflowTaskExecutions: 100,
  });
}
