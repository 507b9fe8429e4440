import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../support/everfetch-process';
import { createKeylessInstallation, expectSentence, runEverfetch } from '../support/run-everfetch';
import type { Env, Run } from '../support/run-everfetch';

let installation: Installation;
beforeEach(async () => {
  installation = await createKeylessInstallation();
});
afterEach(() => installation.remove());

const everfetch = (args: readonly string[], more: Env = {}, uid?: number): Promise<Run> =>
  runEverfetch(args, { ...installation.env, ...more }, { uid });
function expectMistake(run: Run, code: number, says: readonly string[]): void {
  expectSentence(run, { code, says, dataDir: installation.dataDir });
}

const own = (name: string): string => installation.env[name] ?? '';

describe('a wrong setting ends the start with 78', () => {
  test.each<[string, () => Env, readonly string[]]>([
    ['a number that is none', () => ({ PORT: 'abc' }), ['PORT is "abc", it has to be a number from 1 to 65535']],
    ['a bad limit', () => ({ HOST_LIMITS: 'x=5' }), ['HOST_LIMITS is "x=5", but "x=5" has "5" where 5/s']],
    [
      'a bad private target',
      () => ({ ALLOW_PRIVATE_TARGETS: '10.0.0.0/99' }),
      ['ALLOW_PRIVATE_TARGETS is "10.0.0.0/99", but'],
    ],
    ['bad proxies', () => ({ PROXIES: 'http://u:secret@h:1 tier=x' }), ['PROXIES is "***", but line 1']],
    [
      'a list of proxies that is missing',
      () => ({ PROXY_FILE: '/nowhere' }),
      ['PROXY_FILE is "/nowhere", which cannot be read'],
    ],
    ['prices that are missing', () => ({ PRICE_FILE: '/nowhere' }), ['PRICE_FILE is "/nowhere", which cannot be read']],
    ['a browser that is missing', () => ({ BROWSER: '/nowhere' }), ['BROWSER is "/nowhere", but there is no program']],
    [
      'a Temporal CLI that is something else',
      () => ({ TEMPORAL_CLI: '/bin/true' }),
      ['TEMPORAL_CLI is "/bin/true", but'],
    ],
    ['an address of another machine', () => ({ HOST: '192.0.2.1' }), ['HOST is "192.0.2.1", which', '0.0.0.0']],
    ['a host that is none', () => ({ HOST: 'nowhere.invalid' }), ['HOST is "nowhere.invalid", which']],
    ['equal ports', () => ({ TEMPORAL_UI_PORT: own('PORT') }), ['PORT and TEMPORAL_UI_PORT are both ']],
    ['a data folder below /proc', () => ({ DATA_DIR: '/proc/x' }), ['DATA_DIR is "/proc/x", but']],
    [
      'a data folder that is a file',
      () => ({ DATA_DIR: '/etc/passwd' }),
      ['DATA_DIR is "/etc/passwd", but a file is there'],
    ],
    ['a data folder below a file', () => ({ DATA_DIR: '/etc/passwd/x' }), ['DATA_DIR is "/etc/passwd/x", but']],
    [
      'a certificate that is missing',
      () => ({ DATABASE_URL: 'postgres://u:secret@h/d?sslrootcert=/nowhere' }),
      ['DATABASE_URL is "***", but the file /nowhere'],
    ],
  ])('%s', async (_name, env, says) => {
    expectMistake(await everfetch(['start'], env()), 78, says);
  });

  test('all of them are named in one message, and nothing is made', async () => {
    const wrong: Env = {
      PORT: 'x',
      HOST: '192.0.2.1',
      DATA_DIR: '/etc/passwd',
      API_KEY: 'a secret',
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'here',
      ALLOW_PRIVATE_TARGETS: 'http://u:secret@h',
      ATTEMPT_TIMEOUT_SEC: '99',
      HOST_LIMITS: 'x=5',
      RESPECT_ROBOTS_TXT: 'maybe',
      PROXIES: 'ftp://u:secret@h',
      BROWSER: '/nowhere',
      PRICE_FILE: '/nowhere',
      TEMPORAL_CLI: '/nowhere',
      EMBEDDED_TEMPORAL_PORT: own('TEMPORAL_UI_PORT'),
      RETENTION_HOURS: '1',
    };
    const { code, stdout, stderr } = await everfetch(['start'], wrong);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).not.toMatch(/ {4}at |secret/);
    const [first, ...lines] = stderr.trimEnd().split('\n');
    expect(first).toBe(`everfetch: The configuration has ${Object.keys(wrong).length} problems:`);
    expect(lines.map((line) => /^ {2}([A-Z_]+) /.exec(line)?.[1]).sort()).toEqual(Object.keys(wrong).sort());
    expect(existsSync(installation.dataDir)).toBe(false);
  });

  test.each(['api', 'worker'])('everfetch %s without the addresses of its servers', async (command) => {
    const { code, stderr } = await everfetch([command]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/2 problems:\n {2}DATABASE_URL is not set, .*\n {2}TEMPORAL_ADDRESS is not set, [^\n]*\n$/);
  });

  const NOBODY = 65_534;
  const isRoot = process.getuid?.() === 0;
  const rootOnlyPorts = Number(
    existsSync('/proc/sys/net/ipv4/ip_unprivileged_port_start')
      ? readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')
      : 0,
  );

  test('a data folder that this user may not write to, and a port that it may not have', async () => {
    const wrong = { DATA_DIR: '/usr/everfetch', ...(rootOnlyPorts > 80 && { PORT: '80' }) };
    const { code, stderr } = await everfetch(['start'], wrong, isRoot ? NOBODY : undefined);
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /DATA_DIR is "\/usr\/everfetch", but (this user may not write there|that file system is read-only)/,
    );
    if (rootOnlyPorts > 80) expect(stderr).toContain('PORT is "80", which this user may not listen on (EACCES)');
    expect(stderr).not.toContain('    at ');
  });
});

test('a warning of a package is one line', async () => {
  const { code, stderr } = await everfetch(['keys', 'list'], {
    DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/d?sslmode=require',
  });
  expect(code).toBe(69);
  expect(stderr).toMatch(/^everfetch: Warning: SECURITY WARNING: [^\n]*\neverfetch: PostgreSQL at [^\n]*\n$/);
});

test.each([
  [['strat'], 'there is no command "strat"'],
  [['start', '--port', '80'], 'start takes no arguments, but "--port" was given'],
])('everfetch %j is a mistake of use', async (args, says) => {
  const { code, stdout, stderr } = await everfetch(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
  expect(stderr).toContain('Usage: everfetch');
});

test('the documented exit codes are those of the program', async () => {
  const page = await readFile(join(__dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
  for (const code of ['0', '1', '2', '69', '78', '130']) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
});
