import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { request } from 'undici';
import { findFreePort } from '../src/embedded/ports';
import type { EmbeddedServers } from './embedded-servers';

const BIN = join(__dirname, '..', 'dist', 'bin', 'everfetch.js');

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  readonly role: 'start' | 'api' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** Options of Node, such as `--cpu-prof`. */
  readonly execArgv?: readonly string[];
}

/** The built service in a process of its own, on the servers of this run. Resolves when it is ready. */
export async function startServiceProcess(
  servers: EmbeddedServers,
  { role, env, execArgv = [] }: ServiceProcessOptions,
): Promise<ServiceProcess> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [...execArgv, BIN, role], {
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: servers.dataDir,
      DATABASE_URL: servers.databaseUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      ...env,
    },
    stdio: ['ignore', 'ignore', env['LOG_LEVEL'] === 'warn' ? 'inherit' : 'ignore'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  for (let isReady = false; !isReady;) {
    if (child.exitCode !== null) throw new Error(`everfetch ${role} ended with code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    isReady = await request(`${url}/readyz`)
      .then(async ({ statusCode, body }) => body.dump().then(() => statusCode === 200))
      .catch(() => false);
  }
  return { url, pid: child.pid ?? 0, stop };
}
