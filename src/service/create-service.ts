import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAttemptJob } from '../scraping/attempt-job';
import { CancelWatch } from '../scraping/cancel-watch';
import { ClosedWorkflowSearch } from './closed-workflow-search';
import { FeatureBoard } from './feature-board';
import { createFinishPage } from '../scraping/finish-page';
import { Reconciler } from './reconciler';
import { RowCloser } from './row-closer';
import { createActivities } from '../activities/create-activities';
import { createApp } from '../api/app';
import { createHttpServer } from '../api/http-server';
import type { Config } from '../config/config';
import { createFetching } from './create-fetching';
import type { Fetching } from './create-fetching';
import { createSegmentStore } from './create-segment-store';
import { loadPriceList } from './load-price-table';
import { createConverter } from '../convert/create-converter';
import { presentResponse } from '../pages/present-response';
import type { FetchPool } from '../scheduling/fetch-pool';
import { useNameServers } from '../net/dns/shared-names';
import { createGuard, parseAllowList } from '../net/guard';
import { accountOf } from '../store/account';
import { ensureDefaultKey, findApiKey } from '../store/api-keys';
import type { FanOut } from '../jobs/fan-out';
import type { Features } from '../jobs/features';
import { findCancelled } from '../store/chunks';
import { Committer } from '../pages/committer';
import { createDatabase } from '../store/database';
import { findNeglectedEndpoints } from '../store/receivers';
import { migrate } from '../store/migrate';
import { acknowledgeStarts, findNotStarted } from '../store/not-started';
import { createOpenPage } from '../pages/open-page';
import { createReadScreenshot } from '../pages/read-screenshot';
import { createReadResponse } from '../pages/read-response';
import type { OnDamage } from '../pages/undamaged';
import { DamagedPages } from '../telemetry/damaged-pages';
import type { Logger } from '../telemetry/logger';
import { createNoteIgnored } from '../telemetry/note-ignored';
import { connectTemporal } from '../temporal/connect';
import type { TemporalLink } from '../temporal/connect';
import { EndpointWaker } from '../temporal/endpoint-waker';
import { createListClosed } from '../temporal/list-closed';
import type { ListClosed } from '../temporal/list-closed';
import { runWorkers } from '../temporal/run-workers';
import type { RunningWorkers } from '../temporal/run-workers';
import { Starter } from '../temporal/dispatcher';
import { taskQueues } from '../temporal/task-queues';
import { createWorkflowClient } from '../temporal/workflow-client';
import type { WorkflowClient } from '../temporal/workflow-client';
import { createPostCallback } from '../callbacks/post-callback';

export type Role = 'api' | 'worker';

export interface ServiceOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly logger: Logger;
  /** Own queues for installations that share a namespace. @default 'everfetch' */
  readonly queuePrefix?: string;
  /** Where the bundled workflows lie. @default that of the build */
  readonly workflowBundle?: string | undefined;
}

export interface Service {
  /** Where the API listens; undefined without that role. */
  readonly port: number | undefined;
  /** What this process can do; undefined when it is no worker. */
  readonly features: Features | undefined;
  /** Resolves when Temporal is connected and the workers run. */
  readonly connected: Promise<void>;
  /**
   * Makes the first API key where there is none and the owner has not chosen one, and hands it to `show` (undefined when
   * nothing was made). When `show` rejects, the key is not kept.
   */
  withKey(show: (generatedKey: string | undefined) => Promise<void>): Promise<void>;
  /** Refuses new requests, drains the workers, closes everything. */
  stop(): Promise<void>;
}

const RETENTION_ROUND_MINUTES = 10;
/** What is being fetched when a stop is asked for may still arrive. Together with the embedded servers' own time, everything ends within 30 s. */
const SHUTDOWN_GRACE_MS = 20_000;

/** Wires the parts of one process. It works without Temporal too: submissions are taken and started once it is there. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config, logger } = options;
  const isApi = options.roles.includes('api');
  const isWorker = options.roles.includes('worker');
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one per open sweep and receiver
  const database = createDatabase(options.databaseUrl, { logger });
  await migrate(database);
  if (config.apiKey !== undefined) await ensureDefaultKey(database, config.apiKey);

  const segments = createSegmentStore(config);
  const damagedPages = new DamagedPages(logger);
  const onDamage: OnDamage = (error) => damagedPages.note(error);
  const readResponse = createReadResponse({ segments, present: presentResponse, onDamage });
  const allowList = parseAllowList(config.fetching.allowPrivateTargets);
  useNameServers(config.fetching.dnsServers);
  const guard = createGuard(allowList);
  const retentionMs = config.retentionHours * 3_600_000;
  const fanOutOf = (urls: number): FanOut => (urls <= config.jobWorkflowsUpTo ? 'jobs' : 'sweep');

  let link: TemporalLink | undefined;
  let workflows: WorkflowClient | undefined;
  let listClosed: ListClosed | undefined;
  let workers: RunningWorkers | undefined;
  const connectedWorkflows = (): WorkflowClient => {
    if (workflows === undefined) throw new Error('Temporal is not connected yet');
    return workflows;
  };
  const queues = taskQueues(options.queuePrefix);

  const starter = new Starter({
    startWorkflow: async (start) => connectedWorkflows().start(start),
    findNotStarted: (which) => findNotStarted(database, which),
    acknowledgeStarts: (starts) => acknowledgeStarts(database, starts),
    logger,
  });
  const waker = new EndpointWaker({
    wakeEndpoint: async (id) => connectedWorkflows().wakeEndpoint(id),
    findNeglected: (which) => findNeglectedEndpoints(database, which),
    logger,
  });
  const onDeliveries = (ids: readonly string[]) => waker.wake(ids);
  const closer = new RowCloser({ database, onDeliveries, logger });
  const stateOf = async (id: string) => connectedWorkflows().stateOf(id);
  const reconciler = new Reconciler({ database, stateOf, closer, logger });
  const search = new ClosedWorkflowSearch({
    database,
    listClosed: async (which) => {
      if (listClosed === undefined) throw new Error('Temporal is not connected yet');
      return listClosed(which);
    },
    stateOf,
    closer,
    logger,
  });

  const fetching = isWorker ? await createFetching({ config, guard, database, logger }) : undefined;
  const board = new FeatureBoard({ database, own: fetching?.features, logger });
  await board.run();
  // Who waits holds a slot, so that there are never more.
  const converter = createConverter({ maxWaiting: config.fetching.maxConcurrent + config.waysOut.maxBrowserPages });
  const callbacks = createPostCallback(guard);
  const priceList = await loadPriceList(config.priceFile);
  const common = {
    database,
    readResponse,
    openPage: createOpenPage(segments, onDamage),
    onDeliveries,
    publicUrl: config.http.publicUrl,
    retentionMs,
    fanOutOf,
    priceList,
    features: () => board.current(),
    missingFeatures: config.missingFeatures,
    noteIgnored: createNoteIgnored(logger),
    jsonBodies: config.jsonBodies,
  };

  const committer = new Committer({ database, segments, onDeliveries });
  const cancelWatch = new CancelWatch({
    findCancelled: (batchIds, withinMs) => findCancelled(database, batchIds, withinMs),
  });
  /** The same work, with slots of its own for what a browser loads. */
  const activitiesWith = ({ attemptPage }: Fetching, pool: FetchPool) =>
    createActivities({
      ...common,
      segments,
      committer,
      attemptJob: createAttemptJob({ database, attemptPage, finishPage: createFinishPage(converter) }),
      pool,
      cancelWatch,
      stopping: stopping.signal,
      post: callbacks.post,
      listen: (endpointId, onNews) => waker.listen(endpointId, onNews),
      callsPerReceiver: config.webhooks.callsPerReceiver,
      maxCallAttempts: config.webhooks.maxAttempts,
      logger,
    });

  const connect = async (): Promise<void> => {
    link = await connectTemporal({
      address: options.temporalAddress,
      namespace: config.temporal.namespace,
      logger,
      signal: stopping.signal,
    });
    workflows = createWorkflowClient(link.client, { queues, isEager: isApi && isWorker });
    listClosed = createListClosed(link.client, queues);
    if (fetching === undefined) return;
    await workflows.ensureRetentionSchedule(RETENTION_ROUND_MINUTES);
    workers = await runWorkers({
      connection: link.connection,
      namespace: config.temporal.namespace,
      queues,
      activities: activitiesWith(fetching, fetching.pool),
      rendering: fetching.renderPool && {
        activities: activitiesWith(fetching, fetching.renderPool),
        maxPages: config.waysOut.maxBrowserPages,
      },
      maxConcurrentFetches: config.fetching.maxConcurrent,
      shutdownGraceMs: SHUTDOWN_GRACE_MS,
      workflowBundle: options.workflowBundle,
      logger,
    });
    search.run();
  };
  const connected = connect();
  connected.catch((error: unknown) => {
    if (!stopping.signal.aborted) logger.error({ err: String(error) }, 'Temporal cannot be used');
  });

  const server = createHttpServer(
    createApp({
      ...common,
      readScreenshot: createReadScreenshot(segments, onDamage),
      corsOrigins: config.http.corsOrigins,
      logger,
      findApiKey: (key) => findApiKey(database, key),
      accountOf: (id) => accountOf(database, id, { workerConcurrency: config.fetching.maxConcurrent }),
      startSoon: (start) => starter.offerAndWait(start),
      cancelSoon: (id) => {
        Promise.resolve()
          .then(() => connectedWorkflows().cancel(id))
          .catch((error: unknown) =>
            logger.warn(
              { err: String(error), workflow_id: id },
              'a workflow could not be cancelled; its next attempt sees that its job has ended',
            ),
          );
      },
      forbiddenReason: (url) => {
        try {
          guard.assertUrl(new URL(url));
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      },
      checks: {
        postgres: () => database.query('select 1'),
        temporal: async () => {
          if (link === undefined || (isWorker && workers?.isRunning() !== true)) throw new Error('not connected');
          await link.check();
        },
        segments: () => segments.check(),
      },
    }),
  );
  if (isApi) {
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(config.http.port, config.http.host, resolve),
    );
    starter.run();
  }
  if (isWorker) reconciler.run();
  waker.run();

  return {
    port: isApi ? (server.address() as AddressInfo).port : undefined,
    features: fetching?.features,
    connected,
    withKey: (show) =>
      database.transaction(async (tx) => {
        await show(await ensureDefaultKey(tx, config.apiKey));
      }),
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      fetching?.stop();
      const closed = isApi ? new Promise((resolve) => server.close(resolve)) : Promise.resolve();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      server.closeIdleConnections();
      await connected.catch(() => undefined);
      await Promise.all([closed, starter.stop(), workers?.stop(), reconciler.stop(), search.stop()]);
      waker.stop();
      await Promise.all([
        ...[fetching?.close(), board.stop(), converter.close(), callbacks.close(), link?.connection.close()],
      ]);
      await database.close();
    },
  };
}
