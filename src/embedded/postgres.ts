import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../telemetry/logger';
import { EmbeddedServerError } from './embedded-server-error';
import { initPostgres, preparePostgresHome } from './postgres-home';
import { assertPortFree, findFreePort } from './ports';
import { findPostgresBinaries } from './postgres-binaries';
import { endProcess, findProcess } from './running-process';
import { SupervisedChild } from './supervised-child';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** Port to listen on; 0 or undefined for a free one. */
  readonly port?: number | undefined;
  readonly logger: Logger;
  /** Aborts the start, which then rejects. */
  readonly signal?: AbortSignal;
  /** Further settings, named as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** URL of the database `everfetch`, with its password. */
  readonly url: string;
  readonly port: number;
  /** Messages for the operator, such as that data lies elsewhere. */
  readonly notices: readonly string[];
  readonly pid: () => number | undefined;
  /** Fast shutdown: clients are cut off, everything committed is on disk. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const DATABASE = 'everfetch';
const BACKENDS_PATIENCE_MS = 10_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '', // a socket path over 107 bytes would stop the start
  shared_buffers: '128MB',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // Failed statements are reported to the client, which is everfetch.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_line_prefix: '',
};

/**
 * Starts PostgreSQL as a supervised child, on loopback, and makes the database `everfetch`. The caller holds the lock of
 * the data folder: a server that still runs on it outlived its parent and is stopped.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger } = options;
  const { version } = findPostgresBinaries(undefined);
  const home = preparePostgresHome(options.dataDir, version.split('.')[0] ?? version);
  const { nativeDir, notices } = findPostgresBinaries(home.user);
  await initPostgres(home, nativeDir, options.signal);
  await endStaleServer(home.clusterDir);
  const port = options.port || (await findFreePort());
  await assertPortFree(port, HOST, 'EMBEDDED_POSTGRES_PORT');

  const urlOf = (database: string) => `postgres://everfetch:${home.password}@${HOST}:${port}/${database}`;
  const settings = Object.entries({ ...SETTINGS, ...options.settings, port: String(port) });
  const startOnce = async (): Promise<SupervisedChild> => {
    const child: SupervisedChild = new SupervisedChild({
      name: 'PostgreSQL',
      command: join(nativeDir, 'bin', 'postgres'),
      args: () => ['-D', home.clusterDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: home.dir,
      ...home.user,
      isReady: () => prepareDatabase(urlOf('postgres')),
      onLine: (line) => {
        const isSevere = /^(FATAL|PANIC):/.test(line) && !child.isStopping && !line.includes('starting up');
        logger[isSevere ? 'warn' : 'debug']({ child: 'PostgreSQL' }, line);
      },
      readyTimeoutMs: 120_000, // recovery after a power loss replays the log first
      logger,
    });
    await child.start(options.signal);
    return child;
  };
  const child = await untilBackendsAreGone(startOnce);
  const stop = () => child.stop({ timeoutMs: 5_000 });
  return { url: urlOf(DATABASE), port, notices: [...home.notices, ...notices], pid: () => child.pid, stop };
}

/**
 * Starts again while backends of a killed server still hold its shared memory ("is still in use"), which they notice within moments.
 * PostgreSQL also takes a zombie that nobody has reaped yet for a running server ("already exists").
 */
async function untilBackendsAreGone<T>(start: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + BACKENDS_PATIENCE_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!/is still in use|"postmaster.pid" already exists/.test(String(error)) || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

/** Creates our database if need be. Resolves with false while the server accepts no connections. */
async function prepareDatabase(maintenanceUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: maintenanceUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // without a listener, a connection that breaks ends our process
  try {
    await client.connect();
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '28P01')
      throw new EmbeddedServerError('The password of the embedded PostgreSQL is not the one in its file "password".');
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Ends a server that outlived its parent: after a hard kill, it may still be shutting down or, without its guard, go on running. */
async function endStaleServer(clusterDir: string): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  await endProcess(pid, ({ command }) => command.includes(`postgres -D ${clusterDir} `), 10_000);
  // After a reboot, for instance, the number belongs to another process, which PostgreSQL would take for a server.
  if (findProcess(pid) !== undefined) rmSync(pidFile, { force: true });
}
