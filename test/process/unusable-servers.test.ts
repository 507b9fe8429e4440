import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { mountSmallDisk, smallDiskObstacle } from '../crash/small-disk';
import { startEverfetch } from '../support/everfetch-process';
import type { EverfetchProcess, Installation } from '../support/everfetch-process';
import { startFakePostgres } from '../support/fake-postgres';
import { createKeylessInstallation, expectSentence, runEverfetch } from '../support/run-everfetch';
import type { Env, Run } from '../support/run-everfetch';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

let installation: Installation;
const running: EverfetchProcess[] = [];
beforeEach(async () => {
  installation = await createKeylessInstallation();
});
afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  }
  await installation.remove();
});

const everfetch = (args: readonly string[], more: Env = {}): Promise<Run> =>
  runEverfetch(args, { ...installation.env, ...more });
function expectMistake(run: Run, code: number, says: readonly string[]): void {
  expectSentence(run, { code, says, dataDir: installation.dataDir });
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
      expectMistake(await everfetch([command], { ...outside(), ...env() }), 69, says);
  });

  test('a port that is taken is named with its variable', async () => {
    const taken = createServer().listen(Number(own('PORT')), '127.0.0.1');
    try {
      expectMistake(await everfetch(['start']), 69, [`Port ${own('PORT')}`, 'PORT']);
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

test('the database of another program is left as it is', async () => {
  const db = await createTestDatabase();
  try {
    await db.database.query('drop table schema_migrations');
    const { code, stderr } = await everfetch(['keys', 'list'], { DATABASE_URL: db.url });
    expect(code).toBe(69);
    expect(stderr).toMatch(
      /^everfetch: PostgreSQL at [^\n]* cannot be used: there are tables of another program[^\n]*\n$/,
    );
    expect(await db.database.query("select to_regclass('schema_migrations') as made")).toEqual([{ made: null }]);
  } finally {
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
  interface Absent {
    readonly env: Env;
    readonly says: string;
    readonly close: () => Promise<void>;
  }

  test.each<[string, 'SIGTERM' | 'SIGINT', () => Promise<Absent>]>([
    [
      'a PostgreSQL that does not listen yet',
      'SIGTERM',
      async () => ({
        env: { DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/d' },
        close: async () => undefined,
        says: 'PostgreSQL at 127.0.0.1:9/d (DATABASE_URL): nobody listens',
      }),
    ],
    [
      'a PostgreSQL that starts up',
      'SIGINT',
      async () => {
        const fake = await startFakePostgres({
          kind: 'error',
          sqlState: '57P03',
          message: 'the database system is starting up',
        });
        return {
          env: { DATABASE_URL: `postgres://u:secret@127.0.0.1:${fake.port}/d` },
          close: () => fake.close(),
          says: 'starting up',
        };
      },
    ],
    [
      'a PostgreSQL that takes the connection and says nothing',
      'SIGTERM',
      async () => {
        const fake = await startFakePostgres({ kind: 'silent' });
        return {
          env: { DATABASE_URL: `postgres://u:secret@127.0.0.1:${fake.port}/d` },
          close: () => fake.close(),
          says: 'does not answer',
        };
      },
    ],
    [
      'a Temporal that does not listen yet',
      'SIGINT',
      async () => {
        const db = await createTestDatabase();
        return {
          env: { DATABASE_URL: db.url, TEMPORAL_ADDRESS: '127.0.0.1:9' },
          close: () => db.drop(),
          says: 'Temporal at 127.0.0.1:9 (TEMPORAL_ADDRESS): nobody listens',
        };
      },
    ],
  ])('%s, until %s ends it', async (_name, signal, prepare) => {
    const { env, close, says } = await prepare();
    try {
      const everfetch = await startWaiting('worker', { ...outside(), ...env });
      expect(everfetch.output()).toContain(says);
      everfetch.child.kill(signal);
      expect(await everfetch.exited).toBe(0);
      expect(everfetch.output()).not.toMatch(/secret| {4}at |is running/);
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
      expect(key).toMatch(/^ef_[0-9a-f]{40}$/);
      expect(await first.call('GET', '/account', undefined, { 'x-api-key': key ?? '' })).toMatchObject({ status: 200 });
      expect(await keys()).toEqual([{ name: 'default' }]);
    } finally {
      await db.drop();
    }
  });
});

test('a first start with a wrong setting loses no key: the corrected one prints it; and a data folder that is deleted while it runs ends it', async () => {
  expectMistake(await everfetch(['start'], { HOST_LIMITS: 'x=5' }), 78, ['HOST_LIMITS']);
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
