import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Runtime } from '@temporalio/worker';
import type { Config } from '../config';
import { lockDataDir } from '../embedded/data-dir-lock';
import { assertPortFree } from '../embedded/ports';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { findTemporalCli } from '../embedded/temporal-cli';
import { startEmbeddedTemporal } from '../embedded/temporal-server';
import { createDatabase } from '../store/database';
import { forgetStarts } from '../store/not-started';
import { migrate } from '../store/migrate';
import { createLogger } from '../telemetry/logger';
import type { Logger } from '../telemetry/logger';
import { createService } from './create-service';
import type { Role } from './create-service';
import { installTemporalRuntime } from './install-temporal-runtime';
import { greeting } from './greeting';
import { untilStopped } from './until-stopped';

type Closing = () => Promise<unknown>;

/** Runs the service in the foreground until a signal ends it; embedded servers fill in for addresses that are not set. */
export async function start(
  config: Config,
  roles: readonly Role[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const logger = createLogger(config.logLevel);
  installTemporalRuntime(logger);
  const stopped = untilStopped();
  const closing: Closing[] = [];
  try {
    await mkdir(config.dataDir, { recursive: true });
    if (roles.includes('api')) await assertPortFree(config.http.port, config.http.host, 'PORT');
    const addresses = await openServers(config, env, logger, closing);
    const service = await createService({
      config,
      roles,
      logger,
      databaseUrl: addresses.databaseUrl,
      temporalAddress: addresses.temporalAddress,
    });
    closing.push(() => service.stop());
    // Our own Temporal is up by now; somebody else's may come later, and submissions are taken until then.
    if (config.temporal.address === undefined) await service.connected;
    process.stdout.write(
      greeting({
        config,
        roles,
        generatedKey: service.generatedKey,
        uiUrl: addresses.uiUrl,
        notices: addresses.notices,
        features: service.features,
      }),
    );
    await stopped;
    process.stdout.write('Stopping …\n');
  } finally {
    for (const close of closing.reverse())
      await close().catch((error: unknown) => logger.error({ err: String(error) }, 'a part did not stop cleanly'));
    await Runtime.instance().shutdown();
  }
}

interface Addresses {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly uiUrl?: string | undefined;
  readonly notices: readonly string[];
}

async function openServers(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  closing: Closing[],
): Promise<Addresses> {
  const { url, embeddedPort } = config.postgres;
  const { address, namespace } = config.temporal;
  if (url !== undefined && address !== undefined) return { databaseUrl: url, temporalAddress: address, notices: [] };

  const lock = await lockDataDir(config.dataDir);
  closing.push(() => lock.release());
  const postgres =
    url === undefined
      ? await startEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres'), port: embeddedPort, logger })
      : undefined;
  if (postgres !== undefined) closing.push(() => postgres.stop());
  const found = { databaseUrl: postgres?.url ?? url ?? '', notices: postgres?.notices ?? [] };
  if (address !== undefined) return { ...found, temporalAddress: address };

  const temporal = await startEmbeddedTemporal({
    cliPath: findTemporalCli(env),
    dataDir: join(config.dataDir, 'temporal'),
    port: config.temporal.embeddedPort,
    uiPort: config.temporal.uiPort,
    namespace,
    retentionHours: 72,
    logger,
    // Inside the start, so that a crash in between makes the database new once more.
    onNewDatabase: () => startAgain(found.databaseUrl, logger),
  });
  closing.push(() => temporal.stop());
  return { ...found, temporalAddress: temporal.address, uiUrl: temporal.uiUrl };
}

/** A new Temporal database knows none of our workflows: the dispatcher starts every unfinished job again. */
async function startAgain(databaseUrl: string, logger: Logger): Promise<void> {
  const database = createDatabase(databaseUrl, { logger, maxConnections: 1 });
  try {
    await migrate(database);
    await forgetStarts(database);
  } finally {
    await database.close();
  }
}
