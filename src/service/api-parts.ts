import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../api/app';
import { createHttpServer } from '../api/http-server';
import type { WorkerProcessCounts } from '../api/routes/health';
import { PageEraser } from '../pages/page-eraser';
import { createReadScreenshot } from '../pages/read-screenshot';
import { HostRules } from '../scheduling/pacing/host-rules';
import { parseHostRules } from '../scheduling/pacing/parse-host-rules';
import { accountOf, findApiKey } from '../store/api-keys';
import { JobEndWatch, findRunning } from '../store/job-end-watch';
import { acknowledgeStarts, findNotStarted } from '../store/starts';
import { Dispatcher } from '../temporal/dispatcher';
import { BatchController } from './batch-controller';
import { BatchDeleter } from './batch-deleter';
import { packageVersion } from './package-version';
import type { Parts } from './parts';
import { RowCloser } from './row-closer';
import type { SharedParts } from './shared-parts';
import type { WorkerParts } from './worker-parts';

export interface ApiParts {
  /** The port that it listens on. */
  readonly port: number;
}

/** How long an answer waits until forgotten pages are overwritten (ms). */
const ERASING_MS = 10_000;
/** Time that open requests may take once the stop has begun (ms). */
const CLOSING_MS = 1_000;

/**
 * Opens the HTTP front and what starts the workflows of accepted rows.
 * @param worker worker of the same process, whose state is part of the readiness
 * @param furtherWorkers counts of the worker processes of the same start that run besides this one
 */
export async function openApiParts(
  shared: SharedParts,
  parts: Parts,
  worker: Pick<WorkerParts, 'isRunning' | 'fetches'> | undefined,
  furtherWorkers: () => WorkerProcessCounts,
): Promise<ApiParts> {
  const { config, logger, database, segments, temporal, guard } = shared;
  const dispatcher = new Dispatcher({
    startWorkflow: (start) => temporal.start(start),
    findNotStarted: (which) => findNotStarted(database, which),
    acknowledgeStarts: (starts) => acknowledgeStarts(database, starts),
    logger,
  });
  dispatcher.run();
  parts.push('dispatcher', () => dispatcher.stop());

  const controller = new BatchController({
    database,
    workflows: temporal,
    closer: new RowCloser({ database, onDeliveries: shared.onDeliveries, logger }),
    logger,
  });
  controller.run();
  parts.push('batch controller', () => controller.stop());
  const cancelSoon = (workflowId: string): void => {
    temporal
      .cancel(workflowId)
      .catch((error: unknown) =>
        logger.warn(
          { err: String(error), workflow_id: workflowId },
          'a workflow could not be cancelled; its next attempt sees that its job has ended',
        ),
      );
  };
  const eraser = new PageEraser({
    ...{ database, segments },
    onError: (error) =>
      logger.warn({ err: String(error) }, 'pages that are to be forgotten could not be erased; tried again'),
  });
  eraser.run();
  parts.push('page eraser', () => eraser.stop());
  const deleter = new BatchDeleter({
    ...{ database, eraser },
    onError: (error) =>
      logger.warn({ err: String(error) }, 'batches that are to be deleted could not be looked for; tried again'),
  });
  deleter.run();
  parts.push('batch deleter', () => deleter.stop());

  const version = packageVersion();
  const { uiUrl, namespace } = config.temporal;
  const hostRules = new HostRules(parseHostRules(config.fetching.hostLimits));
  const app = createApp({
    ...shared,
    readScreenshot: createReadScreenshot(segments, shared.onDamage),
    version,
    software: `everfetch/${version}`,
    temporalUi: uiUrl === undefined ? undefined : { url: uiUrl, namespace },
    corsOrigins: config.http.corsOrigins,
    findApiKey: (key) => findApiKey(database, key),
    accountOf: (id) => accountOf(database, id, { workerConcurrency: config.fetching.maxConcurrent }),
    hostLimitsOf: (host) => {
      const { intervalMs = 0, concurrency = config.fetching.maxPerHost } = hostRules.of(host);
      return { intervalMs, concurrency };
    },
    maxBrowserPages: config.outbound.maxBrowserPages,
    jobEnds: new JobEndWatch({ findRunning: (ids) => findRunning(database, ids) }),
    syncWaitSec: config.http.syncWaitSec,
    startSoon: (start) => dispatcher.offerAndWait(start),
    tellSoon: () => controller.wake(),
    cancelSoon,
    erase: (segments) => Promise.race([eraser.erase(segments), sleep(ERASING_MS, undefined, { ref: false })]),
    forbiddenReason: (url) => {
      try {
        guard.assertUrl(new URL(url));
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
    fetches: () => worker?.fetches(),
    workers: () => {
      if (worker === undefined) return undefined;
      const { wanted, running, ended } = furtherWorkers();
      return { wanted: wanted + 1, running: running + Number(worker.isRunning()), ended };
    },
    checks: {
      postgres: () => database.query('select 1'),
      temporal: async () => {
        if (worker?.isRunning() === false) throw new Error('the worker does not run');
        await temporal.check();
      },
      segments: () => segments.check(),
    },
  });
  const server = createHttpServer(app);
  server.listen(config.http.port, config.http.host);
  await once(server, 'listening'); // rejects on 'error'
  parts.push('HTTP server', async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
    await closed;
    clearTimeout(timer);
  });
  return { port: (server.address() as AddressInfo).port };
}
