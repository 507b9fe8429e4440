import { createActivities } from '../activities/create-activities';
import { createPostCallback } from '../callbacks/post-callback';
import { createConverter } from '../convert/create-converter';
import type { Features } from '../jobs/features';
import { Committer } from '../pages/committer';
import type { FetchPool } from '../scheduling/fetch-pool';
import { createAttemptJob } from '../scraping/attempt-job';
import { BatchStateWatch } from '../scraping/batch-state-watch';
import { CancelWatch } from '../scraping/cancel-watch';
import { FirstFetches } from '../scraping/first-fetches';
import { createFinishPage } from '../scraping/finish-page';
import { findBatchStates } from '../store/batch-states';
import { findCancelled } from '../store/chunks';
import { reserveCredits } from '../store/reserve-credits';
import { runWorkers } from '../temporal/run-workers';
import { ClosedWorkflowSearch } from './closed-workflow-search';
import { createFetching } from './create-fetching';
import { createSharedLimits } from './create-shared-limits';
import type { Parts } from './parts';
import { createProxyScoreBoard } from './proxy-score-board';
import { Reconciler } from './reconciler';
import { RowCloser } from './row-closer';
import type { SharedParts } from './shared-parts';

export interface WorkerParts {
  /** What this worker can do. */
  readonly features: Features;
  /** Resolves when it takes work from every queue. */
  readonly ready: Promise<void>;
  isRunning(): boolean;
  /** Fetches over HTTP that are in flight now, and how many may be. */
  fetches(): { readonly inFlight: number; readonly limit: number };
}

const RETENTION_ROUND_MINUTES = 10;
/** What is being fetched when a stop is asked for may still arrive. Together with the embedded servers' own time, everything ends within 30 s. */
const SHUTDOWN_GRACE_MS = 20_000;

/** Opens what fetches pages, makes callbacks and closes rows, and puts it to work once Temporal is there. */
export async function openWorkerParts(
  shared: SharedParts,
  parts: Parts,
  workflowBundle: string | undefined,
): Promise<WorkerParts> {
  const { config, logger, database, segments, temporal, guard, stopping, onDeliveries } = shared;
  const committer = new Committer({ database, segments, onDeliveries });
  const isBacklogged = () => committer.isBacklogged;
  let interruptAll: (reason: unknown) => void = () => undefined;
  const shares = createSharedLimits({ database, logger, onLost: (reason) => interruptAll(reason) });
  parts.push('shared limits', () => shares.stop());
  const fetching = await createFetching({ config, guard, database, logger, isBacklogged, shares });
  interruptAll = (reason) => fetching.interruptAll(reason);
  stopping.addEventListener('abort', () => fetching.stop(), { once: true });
  parts.push('fetching', () => fetching.close());
  await shares.start();
  await shared.board.announce(fetching.features, () => {
    const { active: inFlight, capacity: limit, isFull } = fetching.pool;
    return { inFlight, limit, isFull, isBacklogged: committer.isBacklogged };
  });
  const { takeProxyNews: takeNews } = fetching;
  if (takeNews !== undefined) {
    const scores = createProxyScoreBoard({ database, takeNews, logger });
    scores.start();
    parts.push('scores of proxies', () => scores.stop());
  }
  // Who waits holds a slot, so that there are never more.
  const converter = createConverter({ maxWaiting: config.fetching.maxConcurrent + config.outbound.maxBrowserPages });
  parts.push('converter', () => converter.close());
  const callbacks = createPostCallback(guard);
  parts.push('callbacks', () => callbacks.close());

  const cancelWatch = new CancelWatch({
    findCancelled: (batchIds, withinMs) => findCancelled(database, batchIds, withinMs),
  });
  const batchStates = new BatchStateWatch({ findStates: (batchIds) => findBatchStates(database, batchIds) });
  const firstFetches = new FirstFetches(database, (error) =>
    logger.debug({ err: String(error) }, 'how many URLs of a batch are being fetched cannot be noted now'),
  );
  firstFetches.run();
  parts.push('first fetches', () => firstFetches.stop());
  /** The same work, with slots of its own for what a browser loads. */
  const activitiesWith = (pool: FetchPool) =>
    createActivities({
      ...shared,
      committer,
      firstFetches,
      attemptJob: createAttemptJob({
        database,
        fetchForAttempt: fetching.fetchForAttempt,
        finishPage: createFinishPage(converter),
      }),
      pool,
      plainPool: fetching.pool,
      cancelWatch,
      batchStates,
      reserveCredits: (batchId, wishes) => reserveCredits(database, batchId, wishes),
      post: callbacks.post,
      listen: (endpointId, onNews) => shared.waker.listen(endpointId, onNews),
      callsPerReceiver: config.webhooks.callsPerReceiver,
      maxCallAttempts: config.webhooks.maxAttempts,
    });
  const workers = runWorkers({
    connection: temporal.connected.then(async ({ connection }) => {
      await temporal.ensureRetentionSchedule(RETENTION_ROUND_MINUTES);
      return connection;
    }),
    namespace: config.temporal.namespace,
    queues: shared.queues,
    activities: activitiesWith(fetching.pool),
    rendering: fetching.renderPool && {
      activities: activitiesWith(fetching.renderPool),
      maxPages: config.outbound.maxBrowserPages,
    },
    maxConcurrentFetches: config.fetching.maxConcurrent,
    shutdownGraceMs: SHUTDOWN_GRACE_MS,
    workflowBundle,
    logger,
    isStopping: () => stopping.aborted,
  });
  parts.push('workers', () => workers.stop());

  const stateOf = (workflowId: string) => temporal.stateOf(workflowId);
  const closer = new RowCloser({ database, onDeliveries, logger });
  const reconciler = new Reconciler({ database, stateOf, closer, logger });
  reconciler.run();
  parts.push('reconciler', () => reconciler.stop());
  const search = new ClosedWorkflowSearch({ database, listClosed: temporal.listClosed, stateOf, closer, logger });
  // Its turns are shared with other workers, so it takes none before it can ask.
  void workers.ready.then(
    () => search.run(),
    () => undefined,
  );
  parts.push('closed workflow search', () => search.stop());
  return {
    features: fetching.features,
    ready: workers.ready,
    isRunning: () => workers.isRunning(),
    fetches: () => ({ inFlight: fetching.pool.active, limit: fetching.pool.capacity }),
  };
}
