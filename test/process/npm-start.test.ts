import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { EVERFETCH_BIN, createInstallation, descendantsOf, isAlive } from '../support/everfetch-process';
import type { Installation } from '../support/everfetch-process';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const root = join(__dirname, '..', '..');

let installation: Installation;
let db: TestDatabase;
let child: ChildProcess;
/** Everything below the process that was started, as long as it was there. */
let below: readonly number[] = [];
beforeEach(async () => {
  installation = await createInstallation();
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const pid of [child.pid ?? 0, ...below]) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
  await db.drop();
  await installation.remove();
});

/** Runs a command as an operator's terminal or supervisor does; resolves when the output matches. */
async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  until: () => boolean,
) {
  const parts: string[] = [];
  child = spawn(command, args, {
    cwd: root,
    env: { ...installation.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that a signal to it reaches nobody else
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => parts.push(part.toString()));
  await waitFor(
    () => {
      below = descendantsOf(child.pid ?? -1);
      if (child.exitCode !== null) throw new Error(parts.join(''));
      return parts.join('').includes('everfetch is running') || until();
    },
    { timeoutMs: 90_000, intervalMs: 100, message: 'the start' },
  );
  return { exited, output: () => parts.join('') };
}

const untilGone = (): Promise<unknown> =>
  waitFor(() => below.every((pid) => !isAlive(pid)), { message: 'the end of everything below' });

const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });

const PORTS = ['PORT', 'EMBEDDED_POSTGRES_PORT', 'EMBEDDED_TEMPORAL_PORT', 'TEMPORAL_UI_PORT'];

async function expectPortsFree(): Promise<void> {
  for (const name of PORTS)
    expect({ name, isFree: await isPortFree(Number(installation.env[name])) }).toEqual({ name, isFree: true });
}

test('SIGTERM to npm start alone ends the service with its servers, and npm with the exit code of the service', async () => {
  const { exited, output } = await run('npm', ['start'], {}, () => false);
  expect(below.length).toBeGreaterThanOrEqual(3); // the service, PostgreSQL and Temporal
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  await untilGone();
  await waitFor(() => output().includes('Stopping'), { message: 'the word of its end' });
  expect(existsSync(join(installation.dataDir, 'everfetch.lock'))).toBe(false); // in order, not by force
  await expectPortsFree();
});

test.each(['SIGINT', 'SIGHUP', 'SIGKILL'] as const)('%s to npm start alone ends the service, too', async (signal) => {
  const servers = { DATABASE_URL: db.url, TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' };
  const { output } = await run('npm', ['start'], servers, () => false);
  expect(below.length).toBeGreaterThan(0);
  child.kill(signal);
  await untilGone();
  // What the process wrote last may still be on its way through the pipe.
  if (signal === 'SIGINT') await waitFor(() => output().includes('Stopping'), { message: 'the word of its end' });
  await expectPortsFree();
});

test('npm start hands on the exit code of a mistake', async () => {
  child = spawn('npm', ['start'], { cwd: root, env: { ...installation.env, PORT: 'abc' }, stdio: 'ignore' });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(78);
});

test('kill -9 of the demo leaves nothing running', async () => {
  await run(process.execPath, [EVERFETCH_BIN, 'demo'], {}, () => below.length >= 3);
  child.kill('SIGKILL');
  await untilGone();
});
