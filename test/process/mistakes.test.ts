import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { mountSmallDisk, smallDiskObstacle } from '../crash/small-disk';
import { EVERFETCH_BIN, createInstallation, startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startFakePostgres } from '../support/fake-postgres';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

jest.setTimeout(180_000);

let installation: Installation;
const running: EverfetchProcess[] = [];
beforeEach(async () => {
  const { env, ...rest } = await createInstallation();
  const { API_KEY: _own, ...withoutKey } = env;
  installation = { ...rest, env: withoutKey };
});
afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  }
  await installation.remove();
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
type Env = Readonly<Record<string, string>>;

/** `everfetch <args>` until it ends, in the environment of the installation. @param uid another user than ours */
async function everfetch(args: readonly string[], more: Env = {}, uid?: number): Promise<Run> {
  const child = spawn(process.execPath, [EVERFETCH_BIN, ...args], {
    env: { ...installation.env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** One line that begins and ends as a sentence, no stack, no secret, and nothing made. */
function expectSentence({ code, stdout, stderr }: Run, expected: { code: number; says: readonly string[] }): void {
  expect(stderr).toMatch(/^everfetch: \S[^\n]*\.\n$/);
  expect(stderr).not.toMatch(/ {4}at |secret/);
  for (const text of expected.says) expect(stderr).toContain(text);
  expect({ code, stdout }).toEqual({ code: expected.code, stdout: '' });
  expect(existsSync(installation.dataDir)).toBe(false);
}

const own = (name: string): string => installation.env[name] ?? '';
const outside = (): Env => ({
  DATABASE_URL: process.env['TEST_DATABASE_URL'] ?? '',
  TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
});
const databaseUrl = (change: (url: URL) => void): string => {
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  change(url);
  return url.href;
};

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
    expectSentence(await everfetch(['start'], env()), { code: 78, says });
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

describe('a server that refuses for good ends the start with 69, at once and before anything is made', () => {
  test.each<[string, () => Env, readonly string[]]>([
    [
      'a wrong password',
      () => ({ DATABASE_URL: databaseUrl((url) => (url.password = 'secret')) }),
      ['the user or the password', 'DATABASE_URL'],
    ],
    [
      'a database that is not there',
      () => ({ DATABASE_URL: databaseUrl((url) => (url.pathname = '/nowhere')) }),
      ['/nowhere (DATABASE_URL)', 'does not exist'],
    ],
    [
      'TLS that the server does not speak',
      () => ({ DATABASE_URL: databaseUrl((url) => (url.search = 'sslmode=no-verify')) }),
      ['no TLS', 'sslmode'],
    ],
    [
      'a namespace that is not there',
      () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
      ['no namespace "nowhere"', 'TEMPORAL_NAMESPACE'],
    ],
  ])('%s', async (_name, env, says) => {
    for (const command of ['api', 'worker'])
      expectSentence(await everfetch([command], { ...outside(), ...env() }), { code: 69, says });
  });

  test('a port that is taken is named with its variable', async () => {
    const taken = createServer().listen(Number(own('PORT')), '127.0.0.1');
    try {
      expectSentence(await everfetch(['start']), { code: 69, says: [`Port ${own('PORT')}`, 'PORT'] });
    } finally {
      taken.close();
    }
  });
});

test('a database in which this user may make no tables ends the start with 69, and so does keys', async () => {
  const db = await createTestDatabase();
  const admin = new Client({ connectionString: db.url });
  await admin.connect();
  const role = new URL(db.url).pathname.slice(1).replace('test', 'role');
  try {
    await admin.query(`drop schema public cascade; create schema public`);
    await admin.query(`create role ${role} login password 'secret'`);
    const url = new URL(db.url);
    url.username = role;
    url.password = 'secret';
    for (const args of [['api'], ['keys', 'list']])
      expect(await everfetch(args, { ...outside(), DATABASE_URL: url.href })).toMatchObject({
        code: 69,
        stderr: expect.stringMatching(
          /^everfetch: PostgreSQL at [^\n]* \(DATABASE_URL\) cannot be used: [^\n]*grant it CREATE[^\n]*\n$/,
        ),
      });
  } finally {
    await admin.query(`drop owned by ${role}; drop role ${role}`).catch(() => undefined);
    await admin.end();
    await db.drop();
  }
});

/** Starts it, and resolves when it says that it waits. */
async function startWaiting(command: 'api' | 'worker', env: Env): Promise<EverfetchProcess> {
  const starting = startEverfetch({ ...installation, env: { ...installation.env, ...env } }, command, /waiting for/);
  const everfetch = await starting;
  running.push(everfetch);
  return everfetch;
}

describe('a server that may still be starting is waited for', () => {
  test.each<[string, () => Promise<{ env: Env; close: () => Promise<void>; says: string }>]>([
    [
      'a PostgreSQL that does not listen yet',
      async () => ({
        env: { DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/d' },
        close: async () => undefined,
        says: 'PostgreSQL at 127.0.0.1:9/d (DATABASE_URL): nobody listens',
      }),
    ],
    [
      'a PostgreSQL that starts up',
      async () => {
        const fake = await startFakePostgres({
          kind: 'error',
          sqlState: '57P03',
          message: 'the database system is starting up',
        });
        return {
          env: { DATABASE_URL: `postgres://u:secret@127.0.0.1:${fake.port}/d` },
          close: fake.close,
          says: 'starting up',
        };
      },
    ],
    [
      'a PostgreSQL that takes the connection and says nothing',
      async () => {
        const fake = await startFakePostgres({ kind: 'silent' });
        return {
          env: { DATABASE_URL: `postgres://u:secret@127.0.0.1:${fake.port}/d` },
          close: fake.close,
          says: 'does not answer',
        };
      },
    ],
    [
      'a Temporal that does not listen yet',
      async () => {
        const db = await createTestDatabase();
        return {
          env: { DATABASE_URL: db.url, TEMPORAL_ADDRESS: '127.0.0.1:9' },
          close: db.drop,
          says: 'Temporal at 127.0.0.1:9 (TEMPORAL_ADDRESS): nobody listens',
        };
      },
    ],
  ])('%s, until SIGTERM or SIGINT ends it', async (_name, prepare) => {
    const { env, close, says } = await prepare();
    try {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const everfetch = await startWaiting('worker', { ...outside(), ...env });
        expect(everfetch.output()).toContain(says);
        everfetch.child.kill(signal);
        expect(await everfetch.exited).toBe(0);
        expect(everfetch.output()).not.toMatch(/secret| {4}at |is running/);
      }
    } finally {
      await close();
    }
  });

  test('and used when it comes; until then no key is made, which would be lost', async () => {
    const db = await createTestDatabase();
    const keys = () => db.database.query('select name from api_keys');
    try {
      const lost = await startWaiting('api', { ...outside(), DATABASE_URL: db.url, TEMPORAL_ADDRESS: '127.0.0.1:9' });
      expect(await keys()).toEqual([]);
      lost.child.kill('SIGKILL');
      await lost.exited;
      const first = await startEverfetch(
        { ...installation, env: { ...installation.env, ...outside(), DATABASE_URL: db.url } },
        'api',
      );
      running.push(first);
      const key = /export EVERFETCH_API_KEY=(ef_[0-9a-f]{40})/.exec(first.output())?.[1];
      expect(key).toBeDefined();
      expect(await first.call('GET', '/account', undefined, { 'x-api-key': key ?? '' })).toMatchObject({ status: 200 });
      expect(await keys()).toEqual([{ name: 'default' }]);
    } finally {
      await db.drop();
    }
  });
});

test('a first start with a wrong setting loses no key: the corrected one prints it; and a data folder that is deleted while it runs ends it', async () => {
  expectSentence(await everfetch(['start'], { HOST_LIMITS: 'x=5' }), { code: 78, says: ['HOST_LIMITS'] });
  const first = await startEverfetch(installation);
  running.push(first);
  expect(first.output()).toMatch(/export EVERFETCH_API_KEY=ef_[0-9a-f]{40}/);
  const children = first.descendants();
  await installation.remove();
  expect(await first.exited).toBe(69);
  expect(first.output()).toMatch(/everfetch: The data folder [^\n]* was deleted or replaced [^\n]*DATA_DIR[^\n]*\n$/);
  expect(first.output()).not.toContain('    at ');
  await waitFor(() => children.every((pid) => !existsSync(`/proc/${pid}`)), { message: 'the end of its servers' });
});

const obstacle = smallDiskObstacle();
(obstacle === undefined ? test : test.skip)('a disk that is full at the start ends it with 69', async () => {
  const dir = dirname(installation.dataDir);
  const disk = mountSmallDisk(join(dir, 'disk'), 8);
  try {
    for (const isFull of [false, true]) {
      if (isFull) disk.fill(); // before, there is room for the folder and not for PostgreSQL
      const { code, stderr } = await everfetch(['start'], { DATA_DIR: join(dir, 'disk', 'data') });
      expect(code).toBe(69);
      expect(stderr).toMatch(
        /^everfetch: The data folder [^\n]* cannot be written to: no space is left on that disk[^\n]*DATA_DIR[^\n]*\n$/,
      );
    }
  } finally {
    disk.unmount();
  }
});

test.each([
  [['strat'], 'there is no command "strat"'],
  [['start', '--port', '80'], 'start takes no arguments, but "--port" was given'],
  [['docs', '--chek'], 'docs takes --check only, but "--chek" was given'],
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
