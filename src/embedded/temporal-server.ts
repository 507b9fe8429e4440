import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import type { Logger } from '../telemetry/logger';
import { assertPortFree, findFreePort } from './ports';
import { endProcess } from './running-process';
import { SupervisedChild } from './supervised-child';
import { readCliVersion } from './temporal-cli';
import { temporalServerArgs } from './temporal-server-args';

export interface EmbeddedTemporalOptions {
  readonly cliPath: string;
  /** Folder of the database file; undefined for a database in memory, which ends with the server. */
  readonly dataDir: string | undefined;
  readonly port: number;
  /** Port of the Web UI; undefined for none. */
  readonly uiPort: number | undefined;
  readonly namespace: string;
  /** Hours for which a closed workflow stays visible; applied to namespaces that exist already, too. */
  readonly retentionHours: number;
  /** Keywords that workflows can be found by, for a namespace that is made. @default none */
  readonly keywords?: readonly string[];
  readonly logger: Logger;
  /** Aborts the start, which then rejects. */
  readonly signal?: AbortSignal;
  /** Awaited when the database is new, before it is marked as used: after a crash in between, a new one is made again. */
  readonly onNewDatabase?: () => Promise<void>;
}

export interface EmbeddedTemporal {
  /** `host:port` of the gRPC frontend. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  /** True when the database is new and knows none of the workflows that ran before. */
  readonly isNewDatabase: boolean;
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
}

const IP = '127.0.0.1';

/**
 * Starts the Temporal dev server as a supervised child, on loopback. The caller holds the lock of the data folder:
 * a server that still runs on the same file outlived its parent and is stopped.
 */
export async function startEmbeddedTemporal(options: EmbeddedTemporalOptions): Promise<EmbeddedTemporal> {
  const { cliPath, port, uiPort, namespace, logger } = options;
  const version = readCliVersion(cliPath);
  const files = options.dataDir === undefined ? undefined : databaseFiles(resolve(options.dataDir), version);
  if (files !== undefined) mkdirSync(files.dir, { recursive: true });
  await files?.endStaleServer();
  const isNewDatabase = files === undefined || files.prepare();
  await assertPortFree(port, IP, 'EMBEDDED_TEMPORAL_PORT');
  if (uiPort !== undefined) await assertPortFree(uiPort, IP, 'TEMPORAL_UI_PORT');

  const address = `${IP}:${port}`;
  const home = files?.dir ?? mkdtempSync(join(tmpdir(), 'everfetch-temporal-'));
  const child = new SupervisedChild({
    name: 'Temporal',
    command: resolve(cliPath),
    args: async () =>
      temporalServerArgs({
        ip: IP,
        port,
        uiPort,
        namespace,
        databaseFile: files?.database,
        metricsPort: await findFreePort(),
        keywords: options.keywords ?? [],
      }),
    // The operator's TEMPORAL_* settings and profiles are for other servers, so their environment and home are not passed on. Nor may users
    // share a home: the program reads and writes `.config/temporalio` there, and fails on that of another user.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home },
    cwd: home,
    ...(files !== undefined && { beforeStart: files.endStaleServer, onSpawn: files.recordPid }),
    isReady: () => hasRetention({ address, namespace, retentionHours: options.retentionHours }),
    onLine: (line) => logLine(logger, line),
    logger,
  });
  const stop = async (): Promise<void> => {
    await child.stop({ timeoutMs: 5_000 });
    files?.forgetPid();
    if (files === undefined) rmSync(home, { recursive: true, force: true });
  };
  try {
    await child.start(options.signal);
    if (isNewDatabase) await options.onNewDatabase?.();
    files?.markInUse();
  } catch (error) {
    await stop();
    throw error;
  }
  const uiUrl = uiPort === undefined ? undefined : `http://${IP}:${uiPort}`;
  return { address, uiUrl, isNewDatabase, pid: () => child.pid, stop };
}

function databaseFiles(dir: string, version: string) {
  const database = join(dir, `temporal-${version}.db`); // never migrated, so each version has its own file
  const marker = `${database}.in-use`;
  const pidFile = join(dir, 'temporal.pid');
  return {
    dir,
    database,
    /** Returns true when the database has to be created. One that was never marked as used may hold half a schema, and is removed. */
    prepare(): boolean {
      if (existsSync(marker) && existsSync(database)) return false;
      for (const path of [database, `${database}-wal`, `${database}-shm`, `${database}-journal`, marker])
        rmSync(path, { force: true });
      return true;
    },
    markInUse: () => writeFileSync(marker, ''),
    recordPid: (pid: number) => writeFileSync(pidFile, `${pid}\n`),
    forgetPid: () => rmSync(pidFile, { force: true }),
    /** Ends a server that still runs on the file. SQLite would let a second one open it and work on the same workflows. */
    endStaleServer: async (): Promise<void> => {
      if (!existsSync(pidFile)) return;
      const isOurs = ({ command }: { readonly command: string }) =>
        command.includes(' start-dev ') && command.includes(` ${database} `);
      await endProcess(Number(readFileSync(pidFile, 'utf8')), isOurs, 10_000);
    },
  };
}

/** Logs a line of the server, which is JSON. Its warnings are mostly about its own start-up, so only errors become warnings. */
function logLine(logger: Logger, line: string): void {
  let entry: { level?: string; msg?: string; error?: string };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    entry = { msg: line };
  }
  const fields = { child: 'Temporal', ...(entry.error !== undefined && { err: entry.error }) };
  if (/^(error|fatal)$/i.test(entry.level ?? '')) logger.warn(fields, entry.msg ?? line);
  else logger.debug(fields, entry.msg ?? line);
}

/**
 * Resolves with true once the server answers and the namespace keeps closed workflows for `retentionHours`; sets that where it differs.
 * A new dev server gives its namespaces 24 h, and keeps those of an existing file.
 */
export async function hasRetention(options: {
  readonly address: string;
  readonly namespace: string;
  readonly retentionHours: number;
}): Promise<boolean> {
  const { address, namespace, retentionHours } = options;
  const seconds = retentionHours * 3_600;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    const { workflowService } = connection;
    return await connection.withDeadline(Date.now() + 3_000, async () => {
      const { config } = await workflowService.describeNamespace({ namespace });
      if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === seconds) return true;
      await workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(seconds * 1_000) },
      });
      return true;
    });
  } catch {
    return false; // the server does not listen yet, or the namespace is still being created
  } finally {
    await connection?.close();
  }
}
