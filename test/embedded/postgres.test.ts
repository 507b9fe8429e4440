import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findFreePort } from '../../src/embedded/ports';
import { startEmbeddedPostgres } from '../../src/embedded/postgres';
import type { EmbeddedPostgres } from '../../src/embedded/postgres';
import { findProcess } from '../../src/embedded/running-process';
import { createLogger } from '../../src/telemetry/logger';
import { waitFor } from '../support/wait-for';
import { compileEmbedded, runScript } from './run-typescript';

const logger = createLogger('silent');
const isRoot = process.getuid?.() === 0;
let dir: string;
const started: EmbeddedPostgres[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch postgres '));
  chmodSync(dir, 0o755); // as a checkout has it
});

afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(dataDir = join(dir, 'postgres'), port?: number): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, port, logger, settings: { shared_buffers: '16MB' } });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('starts on loopback with durable settings, and keeps data over a restart', async () => {
  const postgres = await start();
  expect(postgres.url).toMatch(
    new RegExp(`^postgres://everfetch:[0-9a-f]{48}@127\\.0\\.0\\.1:${postgres.port}/everfetch$`),
  );
  const [row] = await query(
    postgres.url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as listen,
       current_setting('unix_socket_directories') as sockets, current_setting('server_encoding') as encoding,
       (select datcollate from pg_database where datname = current_database()) as collate,
       (select count(*)::int from pg_hba_file_rules where auth_method <> 'scram-sha-256') as open_rules`,
  );
  expect(row).toEqual({
    fsync: 'on',
    commit: 'on',
    listen: '127.0.0.1',
    sockets: '',
    encoding: 'UTF8',
    collate: 'C',
    open_rules: 0,
  });
  await query(postgres.url, 'create table kept as select 1 as one');
  const pid = postgres.pid() ?? 0;
  await postgres.stop();
  expect(findProcess(pid)).toBeUndefined();

  const again = await start();
  expect(new URL(again.url).password).toBe(new URL(postgres.url).password);
  expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
});

test('the password is needed, and nobody else can read it', async () => {
  const postgres = await start();
  const wrong = new URL(postgres.url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(join(dir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, 'postgres')).mode & 0o777).toBe(0o700);
});

test('a password file that is not the one of the data fails the start at once', async () => {
  await (await start()).stop();
  writeFileSync(join(dir, 'postgres', 'password'), 'other');
  await expect(start()).rejects.toThrow('is not the one in its file "password"');
  rmSync(join(dir, 'postgres', 'password'));
  await expect(start()).rejects.toThrow(/password is missing, so the database in .* cannot be opened/);
});

test('a draft that a crash in initdb left is cleared away', async () => {
  mkdirSync(join(dir, 'postgres', '18.draft-left'), { recursive: true });
  await start();
  expect(readdirSync(join(dir, 'postgres')).sort()).toEqual(['18', 'password']);
});

test('a taken port is refused by name of port and variable', async () => {
  const port = await findFreePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    await expect(start(undefined, port)).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set EMBEDDED_POSTGRES_PORT to a free port.`,
    );
  } finally {
    server.close();
  }
});

test('a server that is killed comes back with its data on the same port', async () => {
  const postgres = await start();
  await query(postgres.url, 'create table kept as select 1 as one');
  const pid = postgres.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await waitFor(() => postgres.pid() !== undefined && postgres.pid() !== pid);
  const rows = await waitFor(() => query(postgres.url, 'select one from kept'));
  expect(rows).toEqual([{ one: 1 }]);
});

describe('after the parent was killed', () => {
  async function startElsewhere() {
    const code = `const { startEmbeddedPostgres } = require('./embedded/postgres.js');
      startEmbeddedPostgres({ dataDir: ${JSON.stringify(join(dir, 'postgres'))}, logger: require('./telemetry/logger.js').createLogger('error') })
        .then((postgres) => console.log(JSON.stringify({ url: postgres.url, port: postgres.port, pid: postgres.pid() }) + '.'));`;
    const script = runScript(compileEmbedded(dir), code);
    const answer = await waitFor(() => /\{.*\}(?=\.)/.exec(script.output())?.[0], { message: script.output() });
    const { url, port, pid } = JSON.parse(answer) as { url: string; port: number; pid: number };
    await query(url, 'create table kept as select 1 as one');
    return { script, port, pid };
  }

  test('its guard shuts the server down', async () => {
    const { script, pid } = await startElsewhere();
    script.process.kill('SIGKILL');
    await waitFor(() => findProcess(pid) === undefined);
    await waitFor(() => !existsSync(join(dir, 'postgres', '18', 'postmaster.pid')));
  });

  test('a start at once, on the same port, waits for the old server', async () => {
    const { script, port, pid } = await startElsewhere();
    script.process.kill('SIGKILL');
    const postgres = await start(undefined, port);
    expect(findProcess(pid)).toBeUndefined();
    expect(await query(postgres.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  test('and the server too, the data is recovered', async () => {
    const { script, port, pid } = await startElsewhere();
    process.kill(pid, 'SIGKILL');
    script.process.kill('SIGKILL');
    const postgres = await start(undefined, port);
    expect(await query(postgres.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });
});

test('a stale pid file whose number is another process now does not stop the start', async () => {
  await (await start()).stop();
  const lines = [String(process.pid), join(dir, 'postgres', '18'), '1', '5432', '', '127.0.0.1', '0 0', 'ready'];
  writeFileSync(join(dir, 'postgres', '18', 'postmaster.pid'), lines.join('\n'));
  await start();
});

// PostgreSQL refuses to run as root, so only root has this problem.
(isRoot ? describe : describe.skip)('as root', () => {
  test('it runs as nobody, who owns the data', async () => {
    const postgres = await start();
    expect(statSync(`/proc/${postgres.pid() ?? 0}`).uid).toBe(65_534);
    expect(statSync(join(dir, 'postgres')).uid).toBe(65_534);
    expect(postgres.notices).toEqual([]);
  });

  test('data below a folder that others cannot enter lies elsewhere, is announced, and is found again', async () => {
    const closed = join(dir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const first = await start(join(closed, 'postgres'));
    const place = readFileSync(join(closed, 'postgres', 'location'), 'utf8').trim();
    try {
      expect(first.notices).toEqual([
        `PostgreSQL's data is in ${place}: it refuses to run as root, and another user cannot enter ${closed}.`,
      ]);
      expect(statSync(place).mode & 0o777).toBe(0o700);
      await query(first.url, 'create table kept as select 1 as one');
      await first.stop();
      chmodSync(closed, 0o755); // it stays where it is
      const again = await start(join(closed, 'postgres'));
      expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
      await again.stop();
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  test('data that became closed is not silently replaced by an empty database', async () => {
    const parent = join(dir, 'parent');
    mkdirSync(parent, { mode: 0o755 });
    await (await start(join(parent, 'postgres'))).stop();
    chmodSync(parent, 0o700);
    await expect(start(join(parent, 'postgres'))).rejects.toThrow('PostgreSQL cannot enter its data folder');
  });
});
