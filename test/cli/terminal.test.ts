import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERFETCH_BIN } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { runEverfetch } from '../support/run-everfetch';
import { hasTerminals, runOnTerminal } from '../support/run-on-terminal';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

const onTerminal = hasTerminals() ? test : test.skip;

let service: TestService;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  service = await startTestService();
  folder = await mkdtemp(join(tmpdir(), 'everfetch-terminal-'));
  env = {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    EVERFETCH_URL: service.url,
    EVERFETCH_API_KEY: TEST_KEY,
    XDG_CONFIG_HOME: folder,
  };
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A site whose pages come one after another, so that there is progress to see. */
const startSlowSite = () => {
  let before = Promise.resolve();
  return startOrigin((_req, res) => {
    before = before.then(() => new Promise((resolve) => setTimeout(resolve, 100)));
    void before.then(() => res.end('page'));
  });
};

/** The lines that a terminal has shown: what is cleared and drawn again counts as another one. */
const linesOf = (shown: string): string[] => shown.replaceAll('\r\u001b[2K', '\r\n').split('\r\n');

onTerminal('a bar fits 40 columns, goes at the end, and the terminal is as before', async () => {
  const site = await startSlowSite();
  const urls = Array.from({ length: 20 }, (_, index) => `${site.url}/${index}`);
  const { code, shown, isRestored } = await runOnTerminal(['submit', ...urls, '--wait'], { env, columns: 40 });
  expect({ code, isRestored }).toEqual({ code: 0, isRestored: true });
  const bars = linesOf(shown).filter((line) => /\d+%/.test(line));
  expect(bars.length).toBeGreaterThan(2);
  for (const bar of bars) expect(bar.length).toBeLessThan(40);
  expect(linesOf(shown).at(-2)).toBe('20 of 20 finished, 20 credits.');
});

onTerminal('Ctrl-C says how to come back, and cancels nothing', async () => {
  const site = await startOrigin((_req, res) => void res.writeHead(503, { 'retry-after': '600' }).end());
  let isTyped = false;
  const { code, shown, isRestored } = await runOnTerminal(['submit', `${site.url}/a`, '--wait'], {
    env,
    columns: 80,
    onShown: (text) => {
      if (isTyped || !text.includes('%')) return '';
      isTyped = true;
      return '\u0003';
    },
  });
  expect({ code, isRestored }).toEqual({ code: 130, isRestored: true });
  const [, id = ''] = /^([0-9a-f-]{36})\r$/m.exec(shown) ?? [];
  expect(shown).toContain(`everfetch: interrupted. The batch goes on: "everfetch watch ${id}" comes back to it`);
  expect((await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY })).body.status).toBe(
    'running',
  );
});

onTerminal('a key is asked for without showing it', async () => {
  let isTyped = false;
  const { code, shown, isRestored } = await runOnTerminal(['login'], {
    env: { ...env, EVERFETCH_API_KEY: '' },
    columns: 80,
    onShown: (text) => {
      if (isTyped || !text.includes('API key for')) return '';
      isTyped = true;
      return `wrong\u0015${TEST_KEY}x\u007f\r`;
    },
  });
  expect({ code, isRestored }).toEqual({ code: 0, isRestored: true });
  expect(shown).toContain('logged in to');
  expect(shown).not.toContain(TEST_KEY);
});

onTerminal('colours are for terminals, and not with NO_COLOR', async () => {
  const coloured = await runOnTerminal(['list'], { env, columns: 60 });
  expect(coloured.shown).toContain('\u001b[1mID');
  for (const line of linesOf(coloured.shown))
    expect(line.replaceAll(/\p{Cc}\[\d+m/gu, '').length).toBeLessThanOrEqual(60);
  expect((await runOnTerminal(['list'], { env: { ...env, NO_COLOR: '1' }, columns: 60 })).shown).not.toContain(
    '\u001b',
  );
  expect((await runEverfetch(['list'], env)).stdout).not.toContain('\u001b');
});

const onPosix = process.platform === 'win32' ? test.skip : test;

onPosix('when the reader of the output goes, the command ends in one line', async () => {
  const site = await startOrigin((_req, res) => res.end('x'.repeat(300_000)));
  const { stdout } = await runEverfetch(['submit', `${site.url}/a`, `${site.url}/b`, '--wait'], env);
  const command = `set -o pipefail; "${process.execPath}" "${EVERFETCH_BIN}" results ${stdout.trim()} | head -c 10`;
  const bash = spawn('bash', ['--norc', '-c', command], { env });
  const run = { stdout: '', stderr: '' };
  bash.stdout.on('data', (part: Buffer) => (run.stdout += part.toString()));
  bash.stderr.on('data', (part: Buffer) => (run.stderr += part.toString()));
  const status = await new Promise<number | null>((resolve) => bash.once('close', resolve));
  expect(run.stdout).toHaveLength(10);
  expect({ status, stderr: run.stderr }).toEqual({
    status: 141,
    stderr: expect.stringMatching(/^everfetch: the reader of the output has gone\.[^\n]*\n$/),
  });
});
