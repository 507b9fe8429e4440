import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '../../src/telemetry/logger';
import { startEmbeddedServers } from '../../bench/embedded-servers';
import { findFreePort } from '../../src/embedded/ports';
import { childNamed, createInstallation, isAlive, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import type { Answer } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/** What a round kills: the whole service, a worker process, or one of the servers below the service. */
export const victims = ['service', 'worker', 'temporal', 'postgres'] as const;
export type Victim = (typeof victims)[number];

export const victimNames: Readonly<Record<Victim, string>> = {
  service: 'the whole service',
  worker: 'the worker process',
  temporal: 'the Temporal server',
  postgres: 'PostgreSQL',
};

export interface Deployment {
  readonly dataDir: string;
  readonly databaseUrl: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** `kill -9`; resolves when the process is gone. */
  kill(victim: Victim): Promise<void>;
  /** SIGTERM to the service, or to the last worker; resolves with the exit code. */
  shutDown(): Promise<number | null>;
  /** Starts again what nobody starts by itself. */
  revive(victim: Victim): Promise<void>;
  /** What its processes wrote last. */
  output(): string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const SETTINGS = {
  // All targets are one host, and a crash is to meet as many fetches in flight as a worker has.
  MAX_FETCHES_PER_HOST: '128',
  LOG_LEVEL: 'warn',
  /** `CRASH_WORKERS=2 npm run test:crash` has two worker processes below each. */
  WORKERS: process.env['CRASH_WORKERS'] ?? '1',
};

const CHILDREN = { temporal: /temporal.* server start-dev/, postgres: /postgres.* -D / };

export const createCrashInstallation = (): Promise<Installation> => createInstallation(SETTINGS);

/** `everfetch start` with its own servers. */
export async function startEmbeddedDeployment(given?: Installation): Promise<Deployment> {
  const installation = given ?? (await createCrashInstallation());
  let everfetch = await startEverfetch(installation);
  assertRunning(everfetch);
  return {
    dataDir: installation.dataDir,
    databaseUrl: await embeddedDatabaseUrl(installation),
    call: (method, path, body) => everfetch.call(method, path, body),
    async kill(victim) {
      if (victim === 'worker') throw new Error('this service has no worker process of its own');
      const pid = victim === 'service' ? everfetch.child.pid : childNamed(everfetch, CHILDREN[victim]);
      await killHard(pid ?? 0);
      if (victim === 'service') await everfetch.exited;
    },
    async shutDown() {
      everfetch.child.kill('SIGTERM');
      return everfetch.exited;
    },
    async revive(victim) {
      if (victim !== 'service') return;
      everfetch = await startEverfetch(installation);
      assertRunning(everfetch);
    },
    output: () => everfetch.output(),
    async stop() {
      await end(everfetch);
      await installation.remove();
    },
  };
}

export interface SplitDeployment extends Deployment {
  readonly temporalAddress: string;
  readonly workers: readonly EverfetchProcess[];
  startWorker(): Promise<EverfetchProcess>;
}

/** PostgreSQL and Temporal, `everfetch api`, and `everfetch worker` as often as wanted, each a process of its own. */
export async function startSplitDeployment({ workers: count = 1 } = {}): Promise<SplitDeployment> {
  const servers = await startEmbeddedServers(createLogger('error'));
  const port = await findFreePort();
  const installation: Installation = {
    dataDir: servers.dataDir,
    url: `http://127.0.0.1:${port}`,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      PORT: String(port),
      DATA_DIR: servers.dataDir,
      DATABASE_URL: servers.databaseUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      API_KEY: 'process-key',
      ALLOW_PRIVATE_TARGETS: '127.0.0.1',
      ...SETTINGS,
    },
    remove: () => servers.stop(),
  };
  const api = await startEverfetch(installation, 'api');
  const workers: EverfetchProcess[] = [];
  const startWorker = async () => {
    const worker = await startEverfetch(installation, 'worker');
    workers.push(worker);
    assertRunning(worker);
    return worker;
  };
  for (let started = 0; started < count; started++) await startWorker();
  return {
    dataDir: servers.dataDir,
    databaseUrl: servers.databaseUrl,
    temporalAddress: servers.temporalAddress,
    workers,
    startWorker,
    call: (method, path, body) => api.call(method, path, body),
    async kill(victim) {
      const worker = workers.at(-1);
      if (victim !== 'worker' || worker === undefined) throw new Error(`this deployment cannot kill a ${victim}`);
      await killHard(worker.child.pid ?? 0);
      await worker.exited;
    },
    async shutDown() {
      workers.at(-1)?.child.kill('SIGTERM');
      return workers.at(-1)?.exited ?? null;
    },
    async revive() {
      await startWorker();
    },
    output: () => [api, ...workers].map((each) => each.output()).join(''),
    async stop() {
      await Promise.all([api, ...workers].map(end));
      await installation.remove();
    },
  };
}

/** The mode in which the victim is a process that can be killed alone. */
export const startDeploymentFor = (victim: Victim): Promise<Deployment> =>
  victim === 'worker' ? startSplitDeployment() : startEmbeddedDeployment();

async function killHard(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await waitFor(() => !isAlive(pid), { intervalMs: 2, message: `the end of process ${pid}` });
}

async function end(everfetch: EverfetchProcess): Promise<void> {
  if (everfetch.child.exitCode !== null || everfetch.child.signalCode !== null) return;
  everfetch.child.kill('SIGTERM');
  await everfetch.exited;
}

function assertRunning(everfetch: EverfetchProcess): void {
  const { exitCode, signalCode } = everfetch.child;
  if (exitCode !== null || signalCode !== null) throw new Error(`everfetch did not start:\n${everfetch.output()}`);
}

async function embeddedDatabaseUrl({ dataDir, env }: Installation): Promise<string> {
  const given = join(dataDir, 'postgres');
  const pointer = join(given, 'location');
  const home = existsSync(pointer) ? (await readFile(pointer, 'utf8')).trim() : given;
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  return `postgres://everfetch:${password}@127.0.0.1:${env['EMBEDDED_POSTGRES_PORT'] ?? ''}/everfetch`;
}
