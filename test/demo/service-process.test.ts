import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../src/demo/loopback';
import { type ServiceProcess, startServiceProcess } from '../../src/demo/service-process';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function startScript(source: string, options = {}): Promise<ServiceProcess> {
  const path = join(folder, 'script.js');
  await writeFile(path, source);
  return startServiceProcess(path, {}, options);
}

async function lineOf(service: ServiceProcess, line: string): Promise<void> {
  while (!service.lastOutput().includes(line)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a service that ends by itself says how, and its last lines are kept', async () => {
  const service = await startScript('for (let n = 1; n <= 100; n += 1) console.log("line " + n); process.exitCode = 4');
  expect(await service.ended).toBe('ended with code 4');
  expect(service.lastOutput().split('\n')).toHaveLength(40);
  expect(service.lastOutput()).toMatch(/line 100$/);
  await service.stop();
});

test('stop asks with SIGINT and waits', async () => {
  const service = await startScript(
    'setInterval(() => {}, 1e3); process.once("SIGINT", () => { console.log("bye"); process.exit(0) }); console.log("up")',
  );
  await lineOf(service, 'up');
  await Promise.all([service.stop(), service.stop()]);
  expect(await service.ended).toBe('ended with code 0');
  expect(service.lastOutput()).toBe('up\nbye');
});

test('a service that does not listen is ended by force, with what it started', async () => {
  const service = await startScript(
    `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e3)']);
     process.on('SIGINT', () => {}); console.log('child ' + child.pid)`,
    { stopWithinMs: 200 },
  );
  await lineOf(service, 'child');
  await service.stop();
  expect(await service.ended).toBe('was ended by SIGKILL');
  const childPid = Number(/child (\d+)/.exec(service.lastOutput())?.[1]);
  await waitUntilGone(childPid);
});

/** An orphan that was killed is visible until init has collected it. */
async function waitUntilGone(pid: number): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) [ZX]/.test(stat)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('free ports differ and lie outside the range of outgoing connections', async () => {
  const ports = await findFreePorts(8);
  expect(new Set(ports).size).toBe(8);
  expect(ports.every((port) => port >= 20_000 && port < 30_000)).toBe(true);
});
