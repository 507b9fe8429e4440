import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Runtime } from '@temporalio/worker';
import { untilAborted } from '../async/until-aborted';
import type { Config } from '../config/config';
import { LOCK_FILE } from '../embedded/data-dir-lock';
import { assertPortFree } from '../embedded/ports';
import { createLogger } from '../telemetry/logger';
import type { Logger } from '../telemetry/logger';
import { createSegmentStore } from './create-segment-store';
import { createService } from './create-service';
import type { Role } from './shared-parts';
import { prepareDataDir } from './data-dir';
import { explainStartError } from './start-errors';
import { UnavailableError } from './errors';
import { greeting } from './greeting';
import { installTemporalRuntime } from './install-temporal-runtime';
import { openServers } from './open-servers';
import { Parts } from './parts';
import type { Close } from './parts';
import { bucketAt, postgresAt, temporalAt } from './servers-of';
import { StopRequestedError, haltOnRequest } from './stop-request';
import { tryRendering } from './try-rendering';
import type { Rendering } from './try-rendering';
import { defaultWorkers, thisMachine } from './worker-count';
import { READY_LINE, WORKER_NUMBER, WorkerProcesses } from './worker-processes';
import { assertNotRefused, untilReachable } from './until-reachable';
import type { Patience } from './until-reachable';
import { watchPaths } from './watch-paths';

export interface StartOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the program `everfetch`, which further workers run. */
  readonly everfetchBin: string;
}

/**
 * Runs the service in the foreground until a signal ends it.
 * @throws UnavailableError, ConfigError and others whose message is for the operator; every other error is a bug
 */
export async function start(options: StartOptions): Promise<void> {
  const { config } = options;
  const number = options.env[WORKER_NUMBER];
  const logger = createLogger(
    config.logLevel,
    number === undefined ? {} : { worker: Number(number) },
    config.logFormat,
  );
  const halt = new AbortController();
  haltOnRequest(halt);
  const parts = new Parts(logger);
  try {
    await run(options, { logger, halt, parts });
  } catch (error) {
    if (error instanceof StopRequestedError || halt.signal.reason instanceof StopRequestedError) return;
    const database =
      config.postgres.url === undefined ? 'The embedded PostgreSQL' : postgresAt(config.postgres.url).what;
    throw explainStartError(error, { dataDir: config.dataDir, database });
  } finally {
    if (halt.signal.reason instanceof StopRequestedError && number === undefined) process.stdout.write('Stopping …\n');
    await parts.close();
    // A connection attempt would delay the stop, and nothing is lost by giving it up.
    await Promise.race([Runtime.instance().shutdown(), sleep(RUNTIME_PATIENCE_MS, undefined, { ref: false })]);
  }
}

const RUNTIME_PATIENCE_MS = 2_000;

interface Running {
  readonly logger: Logger;
  readonly halt: AbortController;
  readonly parts: Parts;
}

async function run(
  { config, roles, env, everfetchBin }: StartOptions,
  { logger, halt, parts }: Running,
): Promise<void> {
  const { signal } = halt;
  installTemporalRuntime(logger);
  const say = (line: string): void => void process.stderr.write(`everfetch: ${line}\n`);
  const temporal =
    config.temporal.address === undefined ? undefined : temporalAt(config.temporal.address, config.temporal.namespace);
  await checkSurroundings(config, roles, { say, signal });
  // A Temporal that refuses is found before anything is created. Submissions need not wait for one that is still starting.
  if (temporal !== undefined) assertNotRefused(temporal, await untilAborted(temporal.probe(), signal));

  const workers = roles.includes('worker') ? (config.fetching.workers ?? defaultWorkers(thisMachine())) : 0;
  const hasEmbedded = config.postgres.url === undefined || temporal === undefined;
  // This runs while the servers start, because it takes a second. Having no browser is no failure; the greeting says so.
  const trying = roles.includes('worker') ? tryRendering(config.outbound.browser, say) : undefined;
  trying?.catch(() => undefined);
  if (hasEmbedded || config.segments.kind === 'fs') await prepareDataDir(config.dataDir);
  const addresses = await openServers({ config, env, logger, signal, workers, parts });
  signal.throwIfAborted();
  if (config.segments.kind === 'fs') await createSegmentStore(config).check();
  const { databaseUrl, temporalAddress } = addresses;
  const rendering = trying && (await untilAborted(trying, signal));
  const processes = new WorkerProcesses({
    ...{ count: Math.max(workers - 1, 0), everfetchBin, env, addresses, logger },
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const service = await createService({
    config: offering(config, rendering),
    roles,
    logger,
    databaseUrl,
    temporalAddress,
    furtherWorkers: () => processes.state(),
  });
  parts.push('service', () => service.stop());
  if (temporal !== undefined) await untilReachable(temporal, { say, signal });
  await untilAborted(service.connected, signal);
  if (env[WORKER_NUMBER] !== undefined) {
    // The process that started this worker greets, makes the key and watches the data folder.
    await print(`${READY_LINE}\n`);
    return untilAborted(new Promise<never>(() => undefined), signal);
  }
  // All workers finish their fetches at the same time, because a stop would take twice as long otherwise.
  signal.addEventListener('abort', () => void processes.stop(), { once: true });
  parts.push('worker processes', () => processes.stop());
  await processes.start(signal);
  // The key is shown inside the transaction that makes it, so that one that could not be shown is not kept.
  await service.withKey(async (generatedKey) => {
    const { features } = service;
    await print(greeting({ config, roles, generatedKey, rendering: rendering?.line, features, workers, ...addresses }));
  });
  parts.push('watch on the data folder', await watchDataDir(config, { logger, halt }));
  await untilAborted(new Promise<never>(() => undefined), signal);
}

/** Returns the configuration, without the browser if it does not work. */
const offering = (config: Config, rendering: Rendering | undefined): Config =>
  rendering?.isOffered === false ? { ...config, outbound: { ...config.outbound, browser: 'off' } } : config;

/** Checks the servers that the service needs, before anything is created. */
async function checkSurroundings(config: Config, roles: readonly Role[], patience: Patience): Promise<void> {
  if (roles.includes('api')) await assertPortFree(config.http.port, config.http.host, 'PORT');
  if (config.postgres.url !== undefined) await untilReachable(postgresAt(config.postgres.url), patience);
  if (config.segments.kind === 's3')
    await untilReachable(bucketAt(config.segments, createSegmentStore(config)), patience);
}

/**
 * Watches the data folder. When its databases are gone, everfetch stops, because it would lose what it takes from then on; lost pages are
 * logged.
 */
async function watchDataDir(config: Config, { logger, halt }: Pick<Running, 'logger' | 'halt'>): Promise<Close> {
  const { dataDir, postgres, temporal, segments } = config;
  const hasPostgres = postgres.url === undefined;
  const hasTemporal = temporal.address === undefined;
  const servers = [
    ...(hasPostgres || hasTemporal ? [dataDir, join(dataDir, LOCK_FILE)] : []),
    ...(hasPostgres ? [join(dataDir, 'postgres')] : []),
    ...(hasTemporal ? [join(dataDir, 'temporal')] : []),
  ];
  const endServers = await watchPaths(servers, () => halt.abort(goneError(dataDir)));
  const endPages = await watchPaths(segments.kind === 'fs' ? [join(dataDir, 'pages')] : [], (path) =>
    logger.error({ path }, 'the folder of the pages was deleted or replaced: the pages that were in it are gone'),
  );
  return () => {
    endServers();
    endPages();
  };
}

const goneError = (dir: string): UnavailableError =>
  new UnavailableError(
    `The data folder ${dir} was deleted or replaced while everfetch was running, with the databases in it; everfetch has stopped, because it could keep nothing. Put the folder back (DATA_DIR), then start again.`,
  );

/** Resolves when the text has been handed to the system. */
const print = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
