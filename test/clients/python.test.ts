import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { pythonWith } from '../support/python';
import type { World } from './run-scenario';
import { startClientsWorld } from './world';
import type { ClientsWorld } from './world';

const PACKAGE = join(__dirname, '../../clients/python');
const python = pythonWith('python-client');
const testWithPython = python === undefined ? test.skip : test;

let world: ClientsWorld | undefined;
beforeAll(async () => {
  if (python !== undefined) world = await startClientsWorld();
});
afterAll(() => world?.close());

/** Runs Python without blocking this process, because the service runs in it. */
function run(args: readonly string[], given?: World): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: join(PACKAGE, 'src'), PYTHONDONTWRITEBYTECODE: '1' };
    const child = spawn(python ?? '', args, { env, cwd: PACKAGE });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: parts.join('') }));
    child.stdin.end(given === undefined ? '' : JSON.stringify(given));
  });
}

testWithPython.each(['blocking', 'asyncio'])('the %s client goes through the scenario', async (kind) => {
  const before = world?.cuts() ?? 0;
  const given = await world?.forRun(`python-${kind}`);
  const ended = await run(['-W', 'error::ResourceWarning', join(__dirname, 'run_scenario.py'), kind], given);
  expect(ended).toEqual({ code: 0, output: 'every step was as expected\n' });
  expect((world?.cuts() ?? 0) - before).toBeGreaterThan(10);
});

testWithPython('its types are complete', async () => {
  const { code, output } = await run(['-m', 'mypy', '--no-incremental', 'src']);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Success: no issues found/) });
});

test('its version is that of the service', () => {
  const project = readFileSync(join(PACKAGE, 'pyproject.toml'), 'utf8');
  expect(/^version = "(.*)"$/m.exec(project)?.[1]).toBe(version);
});
