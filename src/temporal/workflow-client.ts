import {
  ScheduleAlreadyRunning,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { GRACE_MS } from '../jobs/time-limits';
import { urlSummary } from '../jobs/workflow-start';
import type { Start } from '../jobs/workflow-start';
import { batchWorkflowId, jobWorkflowId, webhookWorkflowId } from '../jobs/workflow-ids';
import type { deliverWebhooks, enforceRetention, scrapeBatch, scrapeJob } from '../workflows';
import type { TaskQueues } from './task-queues';

const CALL_TIMEOUT_MS = 5_000;

export type WorkflowState = WorkflowExecutionStatusName | 'NOT_FOUND';

export interface WorkflowClient {
  /** Starts the workflow of a committed row. Starting it again is harmless. */
  start(start: Start): Promise<void>;
  cancel(workflowId: string): Promise<void>;
  /** Tells a receiver's workflow, started if there is none, that there is something to deliver. */
  wakeEndpoint(endpointId: string): Promise<void>;
  stateOf(workflowId: string): Promise<WorkflowState>;
  /** Creates the schedule that starts `enforceRetention`, if there is none. */
  ensureRetentionSchedule(everyMinutes: number): Promise<void>;
}

/** Creates the client for all calls that everfetch makes to Temporal, each with a time limit. */
export function createWorkflowClient(
  client: Client,
  options: { readonly queues: TaskQueues; readonly isEager: boolean },
): WorkflowClient {
  const { queues, isEager } = options;
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
  const scheduleId = `${queues.webhooks.replace(/-webhooks$/, '')}-retention`;

  async function startWorkflow(start: Start): Promise<void> {
    const leftMs = Math.max(start.deadlineAt.getTime() - Date.now(), 1_000);
    const common = {
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: leftMs + GRACE_MS,
      priority: { fairnessKey: start.apiKeyId },
    } as const;
    const deadlineAtMs = start.deadlineAt.getTime();
    const rendered = start.isRendered ? { isRendered: true } : {};
    if (start.kind === 'job') {
      const url = urlSummary(start.url);
      await client.workflow.start<typeof scrapeJob>('scrapeJob', {
        ...common,
        workflowId: jobWorkflowId(start.id),
        taskQueue: queues.jobs,
        args: [{ jobId: start.id, url, deadlineAtMs, ...rendered }],
        staticSummary: url,
        requestEagerStart: isEager,
      });
    } else {
      await client.workflow.start<typeof scrapeBatch>('scrapeBatch', {
        ...common,
        workflowId: batchWorkflowId(start.id),
        taskQueue: queues.sweeps,
        args: [{ batchId: start.id, chunks: start.chunks, fanOut: start.fanOut, deadlineAtMs, ...rendered }],
        staticSummary: `${start.total} URLs`,
      });
    }
  }

  return {
    start: (start) =>
      limited(() => startWorkflow(start)).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }),
    cancel: (workflowId) =>
      limited(() => client.workflow.getHandle(workflowId).cancel()).then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        },
      ),
    wakeEndpoint: async (endpointId) => {
      await limited(() =>
        client.workflow.signalWithStart<typeof deliverWebhooks>('deliverWebhooks', {
          workflowId: webhookWorkflowId(endpointId),
          taskQueue: queues.webhooks,
          args: [{ endpointId }],
          signal: 'wake',
        }),
      );
    },
    stateOf: (workflowId) =>
      limited(() => client.workflow.getHandle(workflowId).describe()).then(
        (description) => description.status.name,
        (error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND' as const;
          throw error;
        },
      ),
    ensureRetentionSchedule: (everyMinutes) =>
      limited(() =>
        client.schedule.create({
          scheduleId,
          spec: { intervals: [{ every: `${everyMinutes} minutes` }] },
          policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
          action: {
            type: 'startWorkflow',
            workflowType: 'enforceRetention' satisfies typeof enforceRetention.name,
            workflowId: scheduleId,
            taskQueue: queues.webhooks,
          },
        }),
      ).then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        },
      ),
  };
}
