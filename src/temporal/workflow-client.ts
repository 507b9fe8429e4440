import { setTimeout as sleep } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { batchDetails, jobDetails } from '../jobs/dashboard-links';
import { searchAttributesOf } from '../jobs/search-attributes';
import type { FoundBy, KeywordPair } from '../jobs/search-attributes';
import { GRACE_MS } from '../jobs/time-limits';
import { urlSummary } from '../jobs/workflow-start';
import type { Start } from '../jobs/workflow-start';
import { batchWorkflowId, jobWorkflowId, webhookWorkflowId } from '../jobs/workflow-ids';
import { hostOf } from '../net/host-of';
import type { deliverWebhooks, enforceRetention, scrapeBatch, scrapeJob } from '../workflows';
import { isAttributeRefusal } from './search-attribute-use';
import type { SearchAttributeUse } from './search-attribute-use';
import type { TaskQueues } from './task-queues';

const CALL_TIMEOUT_MS = 5_000;

/** A batch whose failed URLs get their time once more has the workflow id that it had, but never two open runs. */
const NEXT_ROUND = { workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'FAIL' } as const;
const OLD_RUN_TRIES = 12;
/** After so many tries it is not coming to its end by itself, because it waits for something. */
const OLD_RUN_PATIENCE = 6;
const OLD_RUN_PAUSE_MS = 300;

/** The run of an earlier round is still open. */
class OldRunError extends Error {
  override readonly name = 'OldRunError';

  constructor(workflowId: string) {
    super(`the run before of ${workflowId} has not ended yet`);
  }
}

/** The round of a run, which the first one does not have. */
function roundIn(memo: Readonly<Record<string, unknown>> | undefined): number {
  const round = memo?.['round'];
  return typeof round === 'number' ? round : 0;
}

const foundByOf = (start: Start): FoundBy =>
  start.kind === 'job' ? { host: hostOf(start.url), key: start.keyName } : { batch: start.id, key: start.keyName };

export type WorkflowState = WorkflowExecutionStatusName | 'NOT_FOUND';

export interface WorkflowClient {
  /** Starts the workflow of a committed row. Starting it again is harmless. */
  start(start: Start): Promise<void>;
  /** @returns whether there was an open workflow of this id */
  cancel(workflowId: string): Promise<boolean>;
  /** Tells the workflow of a batch what was asked of it, if there is an open one. */
  signal(workflowId: string, signal: 'pause' | 'resume'): Promise<void>;
  /** Tells a receiver's workflow, started if there is none, that there is something to deliver. */
  wakeEndpoint(endpointId: string): Promise<void>;
  /**
   * @param round how many times the failed URLs of the batch that the workflow belongs to were given their time once more; a run
   *   of an earlier round is not the one that is meant
   */
  stateOf(workflowId: string, round?: number): Promise<WorkflowState>;
  /** Creates the schedule that starts `enforceRetention`, if there is none. */
  ensureRetentionSchedule(everyMinutes: number): Promise<void>;
}

/** Creates the client for all calls that everfetch makes to Temporal, each with a time limit. */
export function createWorkflowClient(
  client: Client,
  options: {
    readonly queues: TaskQueues;
    readonly isEager: boolean;
    readonly attributes: SearchAttributeUse;
    /** Address of the service, for links to the dashboard. */
    readonly publicUrl: string;
  },
): WorkflowClient {
  const { queues, isEager, attributes, publicUrl } = options;
  const limited = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
  const scheduleId = `${queues.webhooks.replace(/-webhooks$/, '')}-retention`;

  async function startWorkflow(start: Start, tries: number): Promise<void> {
    const pairs = (await attributes.areKnown()) ? searchAttributesOf(foundByOf(start)) : [];
    try {
      await startWith(pairs, start, tries);
    } catch (error) {
      if (pairs.length === 0 || !isAttributeRefusal(error)) throw error;
      attributes.noteRefusal();
      await startWith([], start, tries);
    }
  }

  async function startWith(typedSearchAttributes: KeywordPair[], start: Start, tries: number): Promise<void> {
    const leftMs = Math.max(start.deadlineAt.getTime() - Date.now(), 1_000);
    const common = {
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: leftMs + GRACE_MS,
      priority: { fairnessKey: start.apiKeyId },
      ...(typedSearchAttributes.length > 0 && { typedSearchAttributes }),
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
        staticDetails: jobDetails(publicUrl, start.id),
        requestEagerStart: isEager,
      });
    } else {
      const { id: batchId, chunks, fanOut, total, round } = start;
      const workflowId = batchWorkflowId(batchId);
      const again = round === undefined ? {} : ({ ...NEXT_ROUND, memo: { round } } as const);
      await client.workflow
        .start<typeof scrapeBatch>('scrapeBatch', {
          ...{ ...common, ...again, workflowId },
          taskQueue: queues.sweeps,
          args: [
            { batchId, chunks, fanOut, deadlineAtMs, ...rendered, ...(round !== undefined && { round }), publicUrl },
          ],
          staticSummary: `${total} URLs`,
          staticDetails: batchDetails(publicUrl, batchId),
        })
        .catch(async (error: unknown) => {
          if (round === undefined || !(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          await assertRound(workflowId, round, tries > OLD_RUN_PATIENCE);
        });
    }
  }

  /**
   * Resolves when the open run is of this round. A run of an earlier one has nothing left to do. It is left alone while it notes its
   * end.
   * @param shouldCancel ends it, because it waits for its next look
   * @throws when the start has to be tried again
   */
  async function assertRound(workflowId: string, round: number, shouldCancel: boolean): Promise<void> {
    const { memo, runId } = await client.workflow.getHandle(workflowId).describe();
    if (roundIn(memo) === round) return;
    if (shouldCancel)
      await client.workflow
        .getHandle(workflowId, runId)
        .cancel()
        .catch(() => undefined); // it has ended meanwhile
    throw new OldRunError(workflowId);
  }

  return {
    start: async (start) => {
      for (let tries = 1; ; tries++)
        try {
          return await limited(() => startWorkflow(start, tries));
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return;
          if (!(error instanceof OldRunError) || tries >= OLD_RUN_TRIES) throw error;
          await sleep(OLD_RUN_PAUSE_MS);
        }
    },
    cancel: (workflowId) =>
      limited(() => client.workflow.getHandle(workflowId).cancel()).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
          return false;
        },
      ),
    signal: (workflowId, signal) =>
      limited(() => client.workflow.getHandle(workflowId).signal(signal)).catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }),
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
    stateOf: (workflowId, round = 0) =>
      limited(() => client.workflow.getHandle(workflowId).describe()).then(
        ({ memo, status }) => (roundIn(memo) < round ? 'NOT_FOUND' : status.name),
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
