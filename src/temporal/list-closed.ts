import type { Client } from '@temporalio/client';
import type * as workflows from '../workflows';
import type { TaskQueues } from './task-queues';

export interface ClosedPage {
  readonly workflowIds: readonly string[];
  /** Token of the next page; undefined at the end of the list. */
  readonly nextPageToken: Buffer | undefined;
}

export type ListClosed = (options: {
  readonly closedAfter: Date;
  readonly pageToken: Buffer | undefined;
}) => Promise<ClosedPage>;

const CALL_TIMEOUT_MS = 10_000;
/** Largest page that Temporal returns by default (`frontend.visibilityMaxPageSize`). */
const MAX_PAGE_SIZE = 1_000;

const TYPES: readonly (keyof typeof workflows)[] = ['scrapeJob', 'scrapeBatch', 'scrapeChunk', 'scrapePart'];

/** Statuses of workflows that did not end by themselves: those that did are Completed, or continue as new. */
const STATUSES = ['Terminated', 'Canceled', 'Failed', 'TimedOut'];

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ');

/**
 * Lists our workflows that did not end by themselves, the last closed first, from Temporal's visibility store. It lags behind by moments,
 * and a cluster answers 10 such queries a second (`frontend.namespaceRPS.visibility`).
 */
export function createListClosed(client: Client, queues: TaskQueues, pageSize = MAX_PAGE_SIZE): ListClosed {
  const { namespace } = client.options;
  return async ({ closedAfter, pageToken }) => {
    const query = [
      `TaskQueue IN (${quoted([queues.jobs, queues.sweeps])})`,
      `WorkflowType IN (${quoted(TYPES)})`,
      `ExecutionStatus IN (${quoted(STATUSES)})`,
      `CloseTime >= '${closedAfter.toISOString()}'`,
    ].join(' AND ');
    const request = { namespace, query, pageSize, ...(pageToken && { nextPageToken: pageToken }) };
    const answer = await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      client.workflowService.listWorkflowExecutions(request),
    );
    const next = answer.nextPageToken ?? new Uint8Array();
    return {
      workflowIds: [...new Set(answer.executions.flatMap(({ execution }) => execution?.workflowId ?? []))],
      nextPageToken: next.length === 0 ? undefined : Buffer.from(next),
    };
  };
}
