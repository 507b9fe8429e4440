import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
function run(
  args: readonly string[],
  given?: World,
): Promise<{ readonly code: number | null; readonly output: string }> {
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

testWithPython('both clients go through the scenario', async () => {
  const before = world?.cuts() ?? 0;
  const scenario = async (kind: string) => {
    const given = await world?.forRun(`python-${kind}`);
    return run(['-W', 'error::ResourceWarning', join(__dirname, 'run_scenario.py'), kind], given);
  };
  const ended = await Promise.all(['blocking', 'asyncio'].map(scenario));
  const asExpected = { code: 0, output: 'every step was as expected\n' };
  expect(ended).toEqual([asExpected, asExpected]);
  expect((world?.cuts() ?? 0) - before).toBeGreaterThan(20);
});

testWithPython('what they do when things go wrong', async () => {
  const { code, output } = await run(['-W', 'error::ResourceWarning', '-m', 'unittest', 'discover', '-s', 'tests']);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/\nOK\n$/) });
});

testWithPython('their types are complete, and the examples of the page are right by them', async () => {
  const page = readFileSync(join(__dirname, '../../docs/clients.md'), 'utf8');
  const dir = mkdtempSync(join(tmpdir(), 'everfetch-examples-'));
  try {
    const paths = [...page.matchAll(/```python\n([^]*?)```/g)].map(([, code = ''], index) => {
      const path = join(dir, `example_${index}.py`);
      writeFileSync(path, code);
      return path;
    });
    expect(paths.length).toBeGreaterThan(2);
    const { code, output } = await run(['-m', 'mypy', '--no-incremental', 'src', ...paths]);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Success: no issues found/) });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('its version is that of the service', () => {
  const project = readFileSync(join(PACKAGE, 'pyproject.toml'), 'utf8');
  expect(/^version = "(.*)"$/m.exec(project)?.[1]).toBe(version);
});
