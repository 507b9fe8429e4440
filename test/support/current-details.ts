import type { WorkflowHandle } from '@temporalio/client';

/** What the Web UI shows as current details of a workflow: a query that every workflow of the SDK answers. */
export async function currentDetails(workflow: Pick<WorkflowHandle, 'query'>): Promise<string> {
  const metadata = await workflow.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
