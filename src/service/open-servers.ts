import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Config } from '../config/config';
import { lockDataDir } from '../embedded/data-dir-lock';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { findTemporalCli } from '../embedded/temporal-cli';
import { startEmbeddedTemporal } from '../embedded/temporal-server';
import { searchAttributeNames } from '../jobs/search-attributes';
import { createDatabase } from '../store/database';
import { forgetStarts } from '../store/starts';
import { migrate } from '../store/migrate';
import type { Logger } from '../telemetry/logger';
import { setUpSearchAttributes } from '../temporal/search-attributes';
import type { Parts } from './parts';

export interface Addresses {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly notices: readonly string[];
}

export interface OpenServersOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Ends servers that are still starting. */
  readonly signal: AbortSignal;
  /** Worker processes that will use the database. */
  readonly workers: number;
  /** Takes each part as soon as it has been opened. */
  readonly parts: Parts;
}

/** Connects to the servers that have an address and starts embedded ones for the others. The data folder has to exist. */
export async function openServers({
  config,
  env,
  logger,
  signal,
  workers,
  parts,
}: OpenServersOptions): Promise<Addresses> {
  const { url, embeddedPort } = config.postgres;
  const { address, namespace } = config.temporal;
  if (url !== undefined && address !== undefined) return { databaseUrl: url, temporalAddress: address, notices: [] };

  const cliPath = address === undefined ? findTemporalCli(env) : '';
  const lock = await lockDataDir(config.dataDir);
  parts.push('lock of the data folder', () => lock.release());
  const postgres =
    url === undefined
      ? await startEmbeddedPostgres({
          dataDir: join(config.dataDir, 'postgres'),
          port: embeddedPort,
          logger,
          signal,
          settings: { max_connections: String(connectionsFor(workers)) },
        })
      : undefined;
  if (postgres !== undefined) parts.push('PostgreSQL', () => postgres.stop());
  const found = { databaseUrl: postgres?.url ?? url ?? '', notices: postgres?.notices ?? [] };
  if (address !== undefined) return { ...found, temporalAddress: address };

  const temporal = await startEmbeddedTemporal({
    cliPath,
    dataDir: join(config.dataDir, 'temporal'),
    port: config.temporal.embeddedPort,
    uiPort: config.temporal.uiPort,
    namespace,
    retentionHours: 72,
    keywords: Object.values(searchAttributeNames),
    logger,
    signal,
    // This runs before the database is marked as used, so that after a crash in between it counts as new again.
    onNewDatabase: () => startAgain(found.databaseUrl, logger),
  });
  parts.push('Temporal server', () => temporal.stop());
  // A database of an earlier version does not have them yet.
  await ensureSearchAttributes({ address: temporal.address, namespace, logger });
  return { ...found, temporalAddress: temporal.address };
}

/**
 * Connections that the embedded PostgreSQL allows: at most 16 per worker, and some for `everfetch keys`, `everfetch verify` and operators.
 */
const connectionsFor = (workers: number): number => Math.max(100, 20 + 16 * workers);

/** Lets the dispatcher start every unfinished job again, because a new Temporal database knows none of their workflows. */
async function startAgain(databaseUrl: string, logger: Logger): Promise<void> {
  const database = createDatabase(databaseUrl, { logger, maxConnections: 1 });
  try {
    await migrate(database);
    await forgetStarts(database);
  } finally {
    await database.close();
  }
}

/** Adds what our workflows can be found by. Without it they run as well, so that a failure does not end the start. */
async function ensureSearchAttributes(server: {
  readonly address: string;
  readonly namespace: string;
  readonly logger: Logger;
}): Promise<void> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address: server.address });
    await setUpSearchAttributes(connection, server.namespace);
  } catch (error) {
    server.logger.warn({ err: String(error) }, 'Temporal could not be given the search attributes of everfetch');
  } finally {
    await connection?.close();
  }
}
