import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '../../src/demo/run-demo';

const everfetchBin = join(__dirname, 'fake-everfetch.js');

async function run(args: readonly string[], fault = '', onWrite: (text: string) => void = () => undefined) {
  let output = '';
  const write = (text: string): void => {
    output += text;
    onWrite(text);
  };
  const env = {
    PATH: process.env.PATH,
    TMPDIR: folder,
    FAKE_FAULT: fault,
    DATABASE_URL: 'postgres://must.not/be-used',
  };
  const exitCode = await runDemo({ args, everfetchBin, env, stdout: { write } });
  return { exitCode, output };
}

/** Own temporary folder, to see what is left in it. */
let folder: string;
const listenersBefore = process.listenerCount('SIGINT');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-demo-'));
});
afterEach(async () => {
  expect(await readdir(folder)).toEqual([]); // whatever happened, the data folder is gone
  expect(process.listenerCount('SIGINT')).toBe(listenersBefore);
  await rm(folder, { recursive: true });
});

test('everything right ends with 0', async () => {
  const { exitCode, output } = await run(['--urls', '100']);
  expect(output).toContain('yes, 100 of 100');
  expect(output).toMatch(/1 try +85 █+\n +2 tries +12 █+\n +3 tries +3 █/);
  expect(output).toContain('100 received, 1 refused at first and sent again, 0 twice');
  expect(output).toContain('5 of 5 as expected');
  expect(output).toContain('Every result equals what the shop serves.');
  expect(output).toContain('These addresses end now, with the demo. "npm run demo -- --keep"');
  expect(exitCode).toBe(0);
});

test.each([
  ['wrong-body', /products\/3: body differs from character \d+ on/],
  ['failed-job', /products\/3: status is failed \(failed_due_to_timeout\)/],
  ['wrong-counts', /batch batch-1: the counts of the batch sum to 4, not 5/],
  ['double-callback', /products\/3: its callback came 2 times/],
])('%s ends with 1 and is listed', async (fault, listed) => {
  const { exitCode, output } = await run(['--urls', '4'], fault);
  expect(output).toMatch(listed);
  expect(exitCode).toBe(1);
});

test('a service that dies ends with 1, its exit code and its last output', async () => {
  const { exitCode, output } = await run(['--urls', '4'], 'crash');
  expect(output).toContain('everfetch ended with code 3');
  expect(output).toContain('something broke');
  expect(exitCode).toBe(1);
});

test('Ctrl-C while waiting for the service ends with 130', async () => {
  const interrupt = setInterval(() => {
    // The interruption waits for the service's folder, because it has to meet a running service.
    const isUp = readdirSync(folder).some((name) => existsSync(join(folder, name, 'in-use')));
    if (isUp) process.emit('SIGINT');
  }, 20);
  const { exitCode, output } = await run([], 'not-ready').finally(() => clearInterval(interrupt));
  expect(output).toContain('interrupted by SIGINT');
  expect(exitCode).toBe(130);
});

test('--keep shows addresses and the key, and Ctrl-C is then no failure', async () => {
  const { exitCode, output } = await run(['--keep', '--urls', '2'], '', (text) => {
    if (text.includes('until Ctrl-C')) setImmediate(() => process.emit('SIGINT'));
  });
  expect(output).toMatch(/API key +demo-[0-9a-f]{24}/);
  expect(output).not.toContain('These addresses end now');
  expect(output).toMatch(/curl -s http:\/\/127\.0\.0\.1:\d+\/jobs/);
  expect(exitCode).toBe(0);
});

test.each([[['--urls', '0']], [['--urls', 'many']], [['--urls', '5001']], [['--fast']], [['more']]])(
  '%j is refused with 2 and the usage',
  async (args) => {
    const { exitCode, output } = await run(args);
    expect(output).toContain('Usage: everfetch demo');
    expect(exitCode).toBe(2);
  },
);

test('--help explains the options', async () => {
  const { exitCode, output } = await run(['--help']);
  expect(output).toContain('--keep');
  expect(exitCode).toBe(0);
});
