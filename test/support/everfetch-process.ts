import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/embedded/ports';
import { call } from './test-service';
import type { Answer } from './test-service';
import { waitFor } from './wait-for';

export const EVERFETCH_BIN = join(__dirname, '..', '..', 'dist', 'bin', 'everfetch.js');

export interface Installation {
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly dataDir: string;
  remove(): Promise<void>;
}

/** A data folder and free ports for `everfetch start`, which may be started on it again and again. */
export async function createInstallation(more: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'everfetch process '));
  await chmod(folder, 0o711); // mkdtemp makes it 700, and a PostgreSQL started by root runs as nobody
  const dataDir = join(folder, 'data');
  const port = await findFreePort();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    PORT: String(port),
    EMBEDDED_POSTGRES_PORT: String(await findFreePort()),
    EMBEDDED_TEMPORAL_PORT: String(await findFreePort()),
    TEMPORAL_UI_PORT: String(await findFreePort()),
    DATA_DIR: dataDir,
    API_KEY: 'process-key',
    WORKERS: '1', // whatever machine the tests run on
    ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...(process.env['TEMPORAL_CLI'] !== undefined && { TEMPORAL_CLI: process.env['TEMPORAL_CLI'] }),
    ...more,
  };
  return { env, dataDir, url: `http://127.0.0.1:${port}`, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface EverfetchProcess {
  readonly child: ChildProcess;
  /** Its exit code, once it has ended and all that it wrote has arrived; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  output(): string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Pids of every process below this one. */
  descendants(): number[];
}

/**
 * everfetch as a process of its own, from the build. Resolves when it says what `until` asks for, or has ended.
 * @param until by default that it is running
 */
export async function startEverfetch(
  installation: Installation,
  command: 'start' | 'api' | 'worker' = 'start',
  until = /everfetch is running/,
): Promise<EverfetchProcess> {
  const child = spawn(process.execPath, [EVERFETCH_BIN, command], {
    env: installation.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: string[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part.toString()));
  child.stderr.on('data', (part: Buffer) => parts.push(part.toString()));
  // Not 'exit': what the process wrote last may still be on its way then.
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const output = () => parts.join('');
  await waitFor(() => until.test(output()) || child.exitCode !== null, {
    timeoutMs: 180_000,
    message: 'the start',
  });
  return {
    child,
    exited,
    output,
    call: (method, path, body, headers) =>
      call(installation.url, method, path, body, { 'x-api-key': installation.env['API_KEY'] ?? '', ...headers }),
    descendants: () => descendantsOf(child.pid ?? -1),
  };
}

/** Pids of every process below that one. */
export function descendantsOf(root: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found) for (const [pid, ppid] of rows) if (ppid === parent && pid !== undefined) found.push(pid);
  return found.slice(1);
}

/** Pids of the processes below this one whose command line matches. */
export function childrenNamed(everfetch: EverfetchProcess, pattern: RegExp): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  const below = new Set(everfetch.descendants());
  return rows.flatMap((row) => {
    const [, pid = '', command = ''] = /^\s*(\d+) (.*)$/.exec(row) ?? [];
    return below.has(Number(pid)) && pattern.test(command) && !command.startsWith('/bin/sh') ? [Number(pid)] : [];
  });
}

/** Pid of the first of them. */
export function childNamed(everfetch: EverfetchProcess, pattern: RegExp): number {
  const [pid] = childrenNamed(everfetch, pattern);
  if (pid === undefined) throw new Error(`no child matches ${String(pattern)}`);
  return pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
