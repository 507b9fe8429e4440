import type { Logger } from '../telemetry/logger';
import { connectTemporal } from './connect';
import type { TemporalLink } from './connect';
import { createListClosed } from './list-closed';
import type { ListClosed } from './list-closed';
import { SearchAttributeUse } from './search-attribute-use';
import { areAttributesKnown } from './search-attributes';
import type { TaskQueues } from './task-queues';
import { createWorkflowClient } from './workflow-client';
import type { WorkflowClient } from './workflow-client';

export interface OpenTemporalOptions {
  readonly address: string;
  readonly namespace: string;
  readonly queues: TaskQueues;
  /** Whether workflows may start eagerly, in a worker of this process. */
  readonly isEager: boolean;
  /** Address of the service, for links to the dashboard. */
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Ends the attempts to connect. */
  readonly signal: AbortSignal;
}

/**
 * Temporal as this process uses it. It may be used before Temporal is reachable: until then every call rejects with a
 * {@link NotConnectedError}, which callers treat as they treat a Temporal that is away.
 */
export interface Temporal extends WorkflowClient {
  readonly listClosed: ListClosed;
  /** Resolves once Temporal answers; rejects when the signal is aborted before. */
  readonly connected: Promise<TemporalLink>;
  /** Rejects unless Temporal answers now. */
  check(): Promise<void>;
  /** Closes the connection; the signal has to be aborted before. */
  close(): Promise<void>;
}

export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';

  constructor() {
    super('Temporal is not connected yet');
  }
}

interface Connected {
  readonly link: TemporalLink;
  readonly workflows: WorkflowClient;
  readonly listClosed: ListClosed;
}

/** Begins to connect, and keeps trying in the background until it succeeds or the signal is aborted. */
export function openTemporal({ queues, isEager, publicUrl, logger, signal, ...server }: OpenTemporalOptions): Temporal {
  let now: Connected | undefined;
  const connected = connectTemporal({ ...server, logger, signal }).then((link) => {
    const { client } = link;
    const { namespace } = server;
    now = {
      link,
      workflows: createWorkflowClient(client, {
        ...{ queues, isEager, publicUrl },
        attributes: new SearchAttributeUse({ areKnown: () => areAttributesKnown(link.connection, namespace), logger }),
      }),
      listClosed: createListClosed(client, queues),
    };
    return link;
  });
  connected.catch((error: unknown) => {
    if (!signal.aborted) logger.error({ err: String(error) }, 'Temporal cannot be used');
  });
  const current = (): Connected => {
    if (now === undefined) throw new NotConnectedError();
    return now;
  };
  return {
    connected,
    start: async (start) => current().workflows.start(start),
    cancel: async (workflowId) => current().workflows.cancel(workflowId),
    signal: async (workflowId, signal) => current().workflows.signal(workflowId, signal),
    wakeEndpoint: async (endpointId) => current().workflows.wakeEndpoint(endpointId),
    stateOf: async (workflowId, round) => current().workflows.stateOf(workflowId, round),
    ensureRetentionSchedule: async (everyMinutes) => current().workflows.ensureRetentionSchedule(everyMinutes),
    listClosed: async (which) => current().listClosed(which),
    check: async () => current().link.check(),
    close: async () => (await connected.catch(() => undefined))?.connection.close(),
  };
}
