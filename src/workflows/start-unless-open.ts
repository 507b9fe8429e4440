import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ChildWorkflowHandle, Workflow } from '@temporalio/workflow';

/**
 * Awaits the start of a child. After a reset the children of the run that was left are still open, and belong to nobody.
 * @param start calls `startChild`
 * @returns undefined when a workflow with this id is open already
 */
export async function startUnlessOpen<T extends Workflow>(
  start: () => Promise<ChildWorkflowHandle<T>>,
): Promise<ChildWorkflowHandle<T> | undefined> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}
