import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { configFields } from '../src/config/config-fields';
import { findFreePort } from '../src/embedded/ports';
import { processTree, readProcess } from './processes';

export const API_KEY = 'bench-key';
const BIN = join(__dirname, '..', 'dist', 'bin', 'everfetch.js');
const READY_WITHIN_MS = 120_000;

export interface Service {
  readonly origin: string;
  /** API and worker: the Node process, without PostgreSQL and Temporal. */
  readonly pid: number;
  readonly dataDir: string;
  cpu(): ServiceCpu;
  stop(): Promise<void>;
}

/** CPU time since the start, ms. */
export interface ServiceCpu {
  readonly nodeMs: number;
  readonly postgresMs: number;
  readonly temporalMs: number;
}

export interface ServiceStart {
  /** Settings that are not the defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node, such as `--require`. */
  readonly execArgv?: readonly string[];
}

/** `everfetch start` as an owner would run it, on free ports and an empty data folder. All other settings are the defaults. */
export async function startService({ env = {}, execArgv = [] }: ServiceStart = {}): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'everfetch-bench-'));
  await chmod(dataDir, 0o711); // mkdtemp makes it 700, and a PostgreSQL started by root runs as nobody
  const port = await findFreePort();
  // The caller's own settings would be measured otherwise; empty is the same as unset.
  const unset = Object.fromEntries(Object.keys(configFields).map((name) => [name, '']));
  const child = spawn(process.execPath, [...execArgv, BIN, 'start'], {
    env: {
      ...process.env,
      ...unset,
      PORT: String(port),
      EMBEDDED_POSTGRES_PORT: String(await findFreePort()),
      EMBEDDED_TEMPORAL_PORT: String(await findFreePort()),
      TEMPORAL_UI_PORT: String(await findFreePort()),
      DATA_DIR: dataDir,
      API_KEY,
      ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
      LOG_LEVEL: 'warn',
      MALLOC_ARENA_MAX: '2', // as `npm start` and the image set it
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  const origin = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await exited;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilReady(origin, pid);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, pid, dataDir, cpu: () => cpuOf(pid), stop };
}

async function untilReady(origin: string, pid: number): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (let isReady = false; !isReady;) {
    if (readProcess(pid) === undefined) throw new Error('everfetch ended before it was ready');
    if (Date.now() > deadline) throw new Error('everfetch was not ready in time');
    await sleep(100);
    isReady = await request(`${origin}/readyz`).then(
      async ({ statusCode, body }) => (await body.dump(), statusCode === 200),
      () => false,
    );
  }
}

function cpuOf(pid: number): ServiceCpu {
  const children = processTree(pid).filter((child) => child.pid !== pid);
  const sum = (isMeant: (name: string) => boolean) =>
    children
      .filter(({ name }) => isMeant(name))
      .reduce((total, child) => total + child.cpuMs + child.endedChildrenCpuMs, 0);
  const isServer = (name: string) => name === 'postgres' || name === 'temporal';
  return {
    nodeMs: (readProcess(pid)?.cpuMs ?? 0) + sum((name) => !isServer(name)), // further workers, and what they start
    postgresMs: sum((name) => name === 'postgres'),
    temporalMs: sum((name) => name === 'temporal'),
  };
}
