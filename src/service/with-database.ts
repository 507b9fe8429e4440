import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config';
import { lockDataDir } from '../embedded/data-dir-lock';
import type { DataDirLock } from '../embedded/data-dir-lock';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { findPostgresBinaries } from '../embedded/postgres-binaries';
import { createDatabase } from '../store/database';
import type { Database } from '../store/database';
import { migrate } from '../store/migrate';
import { createLogger } from '../telemetry/logger';
import type { Logger } from '../telemetry/logger';
import { explainStartError } from './start-errors';
import { CannotError } from './errors';
import { prepareDataDir } from './data-dir';
import { postgresAt } from './servers-of';
import { untilReachable } from './until-reachable';

/**
 * Does `work` on the migrated database of `DATABASE_URL`, or on the embedded one, whether or not the service runs.
 * @param options.mayMake whether an embedded database is created where there is none. In the wrong folder it would be an empty one.
 * @throws UnavailableError and others whose message is for the operator
 */
export async function withDatabase<T>(
  config: Config,
  work: (database: Database) => Promise<T>,
  { mayMake }: { readonly mayMake: boolean },
): Promise<T> {
  const logger = createLogger(config.logLevel === 'silent' ? 'silent' : 'warn', {}, config.logFormat);
  const { url } = config.postgres;
  if (url === undefined && !mayMake) assertMade(config.dataDir);
  try {
    return await withOpened(await openDatabase(config, logger), work, logger);
  } catch (error) {
    const database = url === undefined ? 'The embedded PostgreSQL' : postgresAt(url).what;
    throw explainStartError(error, { dataDir: config.dataDir, database });
  }
}

/** @throws CannotError when no start has made a database in this folder */
function assertMade(dataDir: string): void {
  if (existsSync(join(dataDir, 'postgres'))) return;
  throw new CannotError(
    `there is no database in ${dataDir}. Run this in the folder in which everfetch is started, or set DATA_DIR (or DATABASE_URL) as it is set there.`,
  );
}

async function withOpened<T>(opened: Opened, work: (database: Database) => Promise<T>, logger: Logger): Promise<T> {
  try {
    const database = createDatabase(opened.url, { logger, maxConnections: 1 });
    try {
      await migrate(database);
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await opened.close();
  }
}

interface Opened {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const PATIENCE_MS = 20_000;

/** Opens the database of `DATABASE_URL` or of the service that runs on this folder; if none runs, starts the embedded one for the work. */
async function openDatabase({ postgres, dataDir }: Config, logger: Logger): Promise<Opened> {
  if (postgres.url !== undefined) {
    // A person is waiting for the command, so an unreachable server is reported at once.
    const patience = { say: () => undefined, signal: new AbortController().signal, limitMs: 0 };
    await untilReachable(postgresAt(postgres.url), patience);
    return { url: postgres.url, close: () => Promise.resolve() };
  }
  await prepareDataDir(dataDir);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await startOwn(dataDir, await lockDataDir(dataDir), logger);
    } catch (error) {
      if ((error as Error).name !== 'DataDirLockedError') throw error;
      const url = findRunningPostgres(dataDir);
      if (url !== undefined) return { url, close: () => Promise.resolve() };
      // The process that holds the lock may be starting or stopping.
      if (Date.now() > deadline)
        throw new CannotError(
          `an everfetch works on ${dataDir}, but no embedded PostgreSQL runs there. ` +
            'If it has a DATABASE_URL, give this command the same one.',
          { cause: error },
        );
      await sleep(200);
    }
  }
}

async function startOwn(dataDir: string, lock: DataDirLock, logger: Logger): Promise<Opened> {
  try {
    // A free port is used, because another installation may have taken the configured one.
    const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger });
    const close = async (): Promise<void> => {
      await server.stop();
      await lock.release();
    };
    return { url: server.url, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * URL of the embedded PostgreSQL that another process has started, read from the files of both; undefined unless it is ready.
 * @throws CannotError when this user may not read them
 * Line 4 of postmaster.pid is the port, line 8 the state: https://www.postgresql.org/docs/18/storage-file-layout.html
 */
export function findRunningPostgres(dataDir: string): string | undefined {
  const given = join(dataDir, 'postgres');
  try {
    const pointer = join(given, 'location');
    const dir = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : given;
    const [major = ''] = findPostgresBinaries(undefined).version.split('.');
    const lines = readFileSync(join(dir, major, 'postmaster.pid'), 'utf8').split('\n');
    if (lines[7]?.trim() !== 'ready') return undefined;
    const password = readFileSync(join(dir, 'password'), 'utf8').trim();
    return `postgres://everfetch:${password}@127.0.0.1:${Number(lines[3])}/everfetch`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES')
      throw new CannotError(`the files of the database in ${given} may not be read: run this as the service's user.`, {
        cause: error,
      });
    throw error;
  }
}
