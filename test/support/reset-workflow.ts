import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** Sends a workflow back to its first task, as “Reset” of the Web UI does: its run is left, and a new one begins. */
export async function resetWorkflow(client: Client, workflowId: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes != null);
  if (first?.eventId == null) throw new Error(`${workflowId} has not begun`);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    reason: 'a test',
    workflowTaskFinishEventId: first.eventId,
    requestId: randomUUID(),
  });
}
