import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProcess } from '../../src/embedded/running-process';
import { SupervisedChild } from '../../src/embedded/supervised-child';
import type { SupervisedChildOptions } from '../../src/embedded/supervised-child';
import { collectLogs } from '../support/collect-logs';
import type { CollectedLogs } from '../support/collect-logs';
import { waitFor } from '../support/wait-for';
import { compileEmbedded, runScript } from './run-typescript';

let dir: string;
let logs: CollectedLogs;
const children: SupervisedChild[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch child '));
  logs = collectLogs();
});

afterEach(async () => {
  for (const child of children.splice(0)) await child.stop({ timeoutMs: 500 });
  rmSync(dir, { recursive: true, force: true });
});

const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
/** Says that it is up through a file, and how it was told to stop through another. */
const POLITE = `const fs = require('node:fs');
  process.on('SIGINT', () => { fs.writeFileSync('stopped', 'SIGINT'); process.exit(0); });
  setInterval(() => {}, 1000); console.log('hello'); fs.writeFileSync('up', String(process.pid));`;
const DEAF = `process.on('SIGINT', () => {}); setInterval(() => {}, 1000); require('node:fs').writeFileSync('up', '');`;

function nodeChild(code: string, options: Partial<SupervisedChildOptions> = {}): SupervisedChild {
  const child = new SupervisedChild({
    name: 'Example',
    command: process.execPath,
    args: () => ['-e', code],
    env,
    cwd: dir,
    isReady: async () => existsSync(join(dir, 'up')),
    readyTimeoutMs: 10_000,
    logger: logs.logger,
    ...options,
  });
  children.push(child);
  return child;
}

const processGroupOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2] ?? '';

test('starts until ready, hands on its lines, and stops with SIGINT', async () => {
  const lines: string[] = [];
  const child = nodeChild(POLITE, { onLine: (line) => lines.push(line) });
  await child.start();
  const pid = child.pid ?? 0;
  expect(findProcess(pid)?.command).toContain(process.execPath); // the shell became the child
  expect(processGroupOf(pid)).toBe(String(pid)); // Ctrl-C in our terminal does not reach it
  await waitFor(() => lines.includes('hello'));
  await child.stop();
  expect(readFileSync(join(dir, 'stopped'), 'utf8')).toBe('SIGINT');
  expect(findProcess(pid)).toBeUndefined();
  await child.stop();
});

test('a child that ignores SIGINT is killed after the time-out', async () => {
  const child = nodeChild(DEAF);
  await child.start();
  const pid = child.pid ?? 0;
  await child.stop({ timeoutMs: 100 });
  expect(findProcess(pid)).toBeUndefined();
});

test('a child that dies before it is ready fails the start with its last lines', async () => {
  const child = nodeChild(`console.error('no room left'); process.exit(3)`, { isReady: async () => false });
  await expect(child.start()).rejects.toMatchObject({
    name: 'EmbeddedServerError',
    message: 'Example ended before it was ready: exit code 3. Its last lines:\nno room left',
  });
});

test('a child that is never ready fails the start in bounded time and is not left behind', async () => {
  const pids: number[] = [];
  const options = { isReady: async () => false, readyTimeoutMs: 200, onSpawn: (pid: number) => void pids.push(pid) };
  const child = nodeChild(POLITE, options);
  await expect(child.start()).rejects.toThrow('Example was not ready within 0.2 s');
  expect(pids.map(findProcess)).toEqual([undefined]);
});

test('a throw from the probe ends the wait at once', async () => {
  const child = nodeChild(POLITE, {
    isReady: async () => {
      throw new Error('wrong password');
    },
  });
  await expect(child.start()).rejects.toThrow('wrong password');
  expect(child.pid).toBeUndefined();
});

test('a program that does not exist fails the start', async () => {
  const child = nodeChild('', { command: '/nowhere/program', isReady: async () => false });
  await expect(child.start()).rejects.toThrow(/exit code 127.*\n.*\/nowhere\/program/);
});

test('a working folder that does not exist fails the start', async () => {
  const child = nodeChild('', { cwd: join(dir, 'nowhere'), isReady: async () => false });
  await expect(child.start()).rejects.toThrow('could not be run');
});

test('a child that is killed is started again, and both are logged', async () => {
  const child = nodeChild(POLITE);
  await child.start();
  const first = child.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await waitFor(() => logs.entries.some(({ msg }) => msg === 'a child process was started again'));
  expect(child.pid).not.toBe(first);
  expect(findProcess(child.pid ?? 0)?.command).toContain(process.execPath);
  expect(logs.entries).toContainEqual(
    expect.objectContaining({ msg: 'a child process ended unexpectedly', how: 'signal SIGKILL', child: 'Example' }),
  );
});

test('stopping while it waits for a restart leaves nothing running', async () => {
  const child = nodeChild(POLITE);
  await child.start();
  process.kill(child.pid ?? 0, 'SIGKILL');
  await waitFor(() => logs.entries.some(({ msg }) => msg === 'a child process ended unexpectedly'));
  await child.stop();
  expect(child.pid).toBeUndefined();
  expect(logs.entries.some(({ msg }) => msg === 'a child process was started again')).toBe(false);
});

test('stopping during the start ends it', async () => {
  const child = nodeChild(POLITE, { isReady: async () => false });
  const start = child.start();
  await waitFor(() => child.pid !== undefined);
  await Promise.all([expect(start).rejects.toThrow('Example is being stopped'), child.stop()]);
  expect(child.pid).toBeUndefined();
});

describe('when the parent is killed with SIGKILL', () => {
  const parent = (code: string, patienceSeconds: number) => `
    const { SupervisedChild } = require('./embedded/supervised-child.js');
    const { createLogger } = require('./telemetry/logger.js');
    const child = new SupervisedChild({ name: 'Example', command: process.execPath, args: () => ['-e', ${JSON.stringify(code)}],
      env: {}, cwd: ${JSON.stringify(dir)}, isReady: async () => require('node:fs').existsSync(${JSON.stringify(join(dir, 'up'))}),
      logger: createLogger('error'), orphanPatienceSeconds: ${patienceSeconds} });
    child.start().then(() => console.log('pid ' + child.pid + '.'));`;

  test.each([
    ['stops the child with SIGINT', POLITE, 10],
    ['kills a child that ignores SIGINT', DEAF, 1],
  ])('the guard %s', async (_name, code, patienceSeconds) => {
    const script = runScript(compileEmbedded(dir), parent(code, patienceSeconds));
    const pid = Number((await waitFor(() => /pid (\d+)\./.exec(script.output()) ?? undefined))[1]);
    script.process.kill('SIGKILL');
    await waitFor(() => findProcess(pid) === undefined);
    expect(existsSync(join(dir, 'stopped'))).toBe(code === POLITE);
  });
});
