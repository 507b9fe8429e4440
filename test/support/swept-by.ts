import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { chunkWorkflowId } from '../../src/jobs/workflow-ids';
import { taskQueues } from '../../src/temporal/task-queues';

export interface SweepRun {
  /** Process of the worker that ran it; Temporal notes it as `<pid>@<host>`. */
  readonly workerPid: number;
  /** Number of this attempt; more than 1 when earlier ones of the same sweep were lost. */
  readonly attempt: number;
}

const pidIn = (identity: string | null | undefined): number => Number(identity?.split('@', 1)[0]);

/** The workers that ask Temporal for sweeps: one that has said that it runs may not do so yet. */
export async function pollingWorkers(client: Client): Promise<number[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues().sweeps },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return (pollers ?? []).map(({ identity }) => pidIn(identity));
}

/** The sweeps of a chunk that have ended, oldest first. */
export async function endedSweeps(client: Client, batchId: string, chunk: number): Promise<SweepRun[]> {
  const { events } = await client.workflow.getHandle(chunkWorkflowId(batchId, chunk)).fetchHistory();
  const sweepIds = new Set(
    (events ?? [])
      .filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'sweep')
      .map(({ eventId }) => String(eventId)),
  );
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started != null && sweepIds.has(String(started.scheduledEventId))
      ? [{ workerPid: pidIn(started.identity), attempt: started.attempt ?? 0 }]
      : [],
  );
}

/** Pid of the worker that runs the chunk's sweep at this moment; undefined when none does. */
export async function sweepingWorker(client: Client, batchId: string, chunk: number): Promise<number | undefined> {
  const { raw } = await client.workflow.getHandle(chunkWorkflowId(batchId, chunk)).describe();
  const running = raw.pendingActivities?.find((activity) => activity.activityType?.name === 'sweep');
  return running?.lastWorkerIdentity ? pidIn(running.lastWorkerIdentity) : undefined;
}
