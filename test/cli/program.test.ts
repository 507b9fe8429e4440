import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFilePath, readSavedLogin, saveLogin } from '../../src/cli/config-file';
import { connectionOf } from '../../src/cli/connection';
import { cliExitCodes } from '../../src/cli/exit-codes';
import { batchOptions, commonOptions, fetchOptions, requestOptions } from '../../src/cli/options/api-options';
import { timeOption } from '../../src/cli/options/time-option';
import { extensionOf, pageName } from '../../src/cli/output/page-name';
import { batchQueryNames } from '../../src/api/lines/batch-query';
import { apiParamNames } from '../../src/jobs/api-params';
import { batchOptionNames } from '../../src/jobs/batch-options';
import { JobOptions } from '../../src/jobs/job-options';
import { commandHelps } from '../../tools/docs/cli-page';
import { runCliHere } from '../support/run-cli';

const names = (options: readonly { readonly field: string }[]) => options.map(({ field }) => field).sort();

test('every option of the API has a flag, and there is no flag that the API does not know', () => {
  expect(names(fetchOptions)).toEqual([...apiParamNames].sort());
  expect(names(batchOptions)).toEqual([...batchOptionNames].sort());
  const ofJobs = Object.keys(JobOptions.shape).filter((name) => name !== 'apiParams');
  expect(names([...commonOptions, ...requestOptions])).toEqual(ofJobs.sort());
  expect(batchQueryNames).toEqual(expect.arrayContaining(names(commonOptions)));
});

test('the help of every command has an example and the options that all have', () => {
  const helps = commandHelps();
  expect(helps.map(({ name }) => name)).toEqual(expect.arrayContaining(['submit', 'watch', 'listen', 'completion']));
  for (const { name, help } of helps) {
    expect(help).toMatch(new RegExp(`Examples:\\n  \\$ .*everfetch ${name}`));
    for (const flag of ['--url', '--key', '--json', '--help']) expect(help).toContain(flag);
  }
});

test('docs/cli.md has the help of every command, and every exit code', () => {
  const page = readFileSync(join(__dirname, '../../docs/cli.md'), 'utf8');
  for (const { name, help } of commandHelps()) expect(page).toContain(`### ${name}\n\n\`\`\`text\n${help}\n`);
  for (const { code, meaning } of Object.values(cliExitCodes)) expect(page).toContain(`| ${code} | ${meaning} |`);
});

test.each([
  ['bash', ['bash', '-n']],
  ['zsh', ['zsh', '-n']],
  ['fish', ['fish', '--no-execute']],
] as const)('the completion for %s is a script of that shell', async (shell, [program, ...args]) => {
  const { code, stdout } = await runCliHere(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('retry-failed');
  expect(stdout).toContain('keys');
  const folder = mkdtempSync(join(tmpdir(), 'everfetch-completion-'));
  try {
    writeFileSync(join(folder, 'script'), stdout);
    const checked = spawnSync(program, [...args, join(folder, 'script')], { encoding: 'utf8' });
    if (checked.error !== undefined)
      process.stderr.write(`completion for ${shell} is not parsed: there is no ${program} here\n`);
    else expect({ status: checked.status, stderr: checked.stderr }).toEqual({ status: 0, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('bash completes commands, options and values', async () => {
  const { stdout: script } = await runCliHere(['completion', 'bash']);
  const complete = (...words: string[]) => {
    const asked = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _everfetch; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', `${script}\n${asked}`], { encoding: 'utf8' }).stdout.trim();
  };
  expect(complete('everfetch', 'retry')).toBe('retry-failed');
  expect(complete('everfetch', 'submit', '--max-c')).toBe('--max-credits --max-cost');
  expect(complete('everfetch', 'submit', '--device-type', 'm')).toBe('mobile');
  expect(complete('everfetch', 'completion', 'z')).toBe('zsh');
});

test.each([
  [['submti', 'x'], "unknown command 'submti'"],
  [['submit'], 'no URL was given'],
  [['submit', '--colour', 'x'], "unknown option '--colour'"],
  [['submit', 'https://a.example/', '--device-type', 'watch'], 'Allowed choices are desktop, mobile'],
  [['submit', 'https://a.example/', '--max-credits', 'many'], '--max-credits must be an integer, not "many"'],
  [['submit', 'https://a.example/', '--meta', '{'], '--meta is not valid JSON'],
  [['submit', 'https://a.example/', '-H', 'nonsense'], '--header must be like'],
  [['submit', 'https://a.example/', '--out', 'results.txt'], '--out must be a file like results.ndjson'],
  [['submit', '-f', 'x.txt', 'https://a.example/'], 'and not both'],
  [['status', 'nightly'], 'an id is like'],
  [['watch', '01994f3c-6f2b-7a41-8d05-e17b90c20001'], 'is the id of a job'],
  [['list', '--host', 'a.example'], '--host is for jobs'],
  [['list', '--since', 'yesterday'], '--since must be like 2h'],
  [['replay'], 'give the ids of deliveries, or --since'],
  [['account', '--url', 'ftp://a.example'], 'must be like http://127.0.0.1:8080'],
])('everfetch %j is one line about what is wrong', async (args, says) => {
  const { code, stdout, stderr } = await runCliHere(args);
  expect(stderr).toMatch(/^everfetch: [^\n]+\n$/);
  expect(stderr).toContain(says);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

describe('the saved login', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'everfetch-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ['linux', { HOME: '/home/a' }, '/home/a/.config/everfetch/config.json'],
    ['linux', { HOME: '/home/a', XDG_CONFIG_HOME: '/x' }, '/x/everfetch/config.json'],
    ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Application Support/everfetch/config.json'],
    ['win32', { APPDATA: '/appdata' }, '/appdata/everfetch/config.json'],
  ] as const)('is in the place of %s with %j', (platform, env, path) => {
    expect(configFilePath(env, platform)).toBe(path);
  });

  test('can be read by its owner alone, and goes only to its own address', () => {
    const env = { XDG_CONFIG_HOME: folder };
    const path = configFilePath(env);
    saveLogin(path, { url: 'https://own.example', apiKey: 'secret' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(connectionOf({}, env)).toEqual({ url: 'https://own.example', apiKey: 'secret' });
    expect(connectionOf({ url: 'https://other.example/' }, env)).toEqual({
      url: 'https://other.example',
      apiKey: undefined,
    });
    expect(connectionOf({}, { ...env, EVERFETCH_API_KEY: 'env' })).toMatchObject({ apiKey: 'env' });
    expect(
      connectionOf({ key: 'given' }, { ...env, EVERFETCH_URL: 'http://e.example', EVERFETCH_API_KEY: 'env' }),
    ).toEqual({
      url: 'http://e.example',
      apiKey: 'given',
    });
  });

  test('that is damaged is named, with what to do', () => {
    const path = join(folder, 'config.json');
    saveLogin(path, { url: 'x', apiKey: 'y' });
    spawnSync('truncate', ['-s', '3', path]);
    expect(() => readSavedLogin(path)).toThrow('remove it, and log in again');
  });
});

test('times may be given as how long ago', () => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  expect(timeOption('--since', '90m', now)).toBe('2026-03-02T10:30:00.000Z');
  expect(timeOption('--since', '2026-03-02', now)).toBe('2026-03-02T00:00:00.000Z');
});

test.each([
  ['https://shop.example/a/b.html?c=d', 'text/html; charset=utf-8', '000007-shop.example-a-b.html-c-d.html'],
  ['https://shop.example/a.PDF', 'application/pdf', '000007-shop.example-a.pdf'],
  ['https://shop.example/', '', '000007-shop.example.bin'],
  [`https://shop.example/${'x'.repeat(500)}/..`, 'text/plain', `000007-shop.example-${'x'.repeat(67)}.txt`],
])('the page of %s is called after it', (url, type, name) =>
  expect(`${pageName(7, url)}.${extensionOf(type)}`).toBe(name),
);
