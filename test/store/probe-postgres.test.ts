import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { findFreePort } from '../../src/embedded/ports';
import { databaseAddress, probePostgres } from '../../src/store/probe-postgres';
import { startFakePostgres } from '../support/fake-postgres';
import type { Behaviour } from '../support/fake-postgres';
import { createTestDatabase } from '../support/test-database';

async function reachOfFake(behaviour: Behaviour) {
  const server = await startFakePostgres(behaviour);
  try {
    return await probePostgres(`postgres://user:secret@127.0.0.1:${server.port}/db`);
  } finally {
    await server.close();
  }
}

const realUrl = (change: (url: URL) => void): string => {
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  change(url);
  return url.href;
};

test('a database of ours can be used', async () => {
  const db = await createTestDatabase();
  try {
    expect(await probePostgres(db.url)).toEqual({ kind: 'ready' });
  } finally {
    await db.drop();
  }
});

test.each([
  ['a wrong password', realUrl((url) => (url.password = 'wrong')), 'it refuses the user or the password'],
  ['a wrong user', realUrl((url) => (url.username = 'nobody')), 'it refuses the user or the password'],
  ['no password', realUrl((url) => (url.password = '')), 'it asks for a password'],
  ['a database that is not there', realUrl((url) => (url.pathname = '/nowhere')), 'that database does not exist'],
  ['TLS where the server has none', realUrl((url) => (url.search = '?sslmode=no-verify')), 'it speaks no TLS'],
])('%s is refused at once, with advice that names DATABASE_URL', async (_name, url, why) => {
  expect(await probePostgres(url)).toEqual({ kind: 'refused', why, advice: expect.stringContaining('DATABASE_URL') });
});

test('a database in another encoding is refused', async () => {
  const name = `latin_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: realUrl(() => undefined) });
  await client.connect();
  try {
    await client.query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    const reach = await probePostgres(realUrl((url) => (url.pathname = `/${name}`)));
    expect(reach).toMatchObject({ kind: 'refused', why: 'its encoding is LATIN1' });
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  }
});

const facts = { version: '18.4', encoding: 'UTF8', is_standby: 'f' };

test.each<[string, Behaviour, string, string]>([
  ['is too old', { kind: 'row', row: { ...facts, version: '14.13 (Debian)' } }, 'refused', 'version 14.13'],
  [
    'requires TLS',
    {
      kind: 'error',
      sqlState: '28000',
      message: 'no pg_hba.conf entry for host "127.0.0.1", user "user", database "db", no encryption',
    },
    'refused',
    'it requires TLS',
  ],
  [
    'knows no such role',
    { kind: 'error', sqlState: '28000', message: 'role "user" does not exist' },
    'refused',
    'user',
  ],
  [
    'is a pooler without that database',
    { kind: 'error', sqlState: '08P01', message: 'no such database: db' },
    'refused',
    'no such database',
  ],
  [
    'is starting up',
    { kind: 'error', sqlState: '57P03', message: 'the database system is starting up' },
    'waiting',
    'starting up',
  ],
  [
    'has too many clients',
    { kind: 'error', sqlState: '53300', message: 'sorry, too many clients already' },
    'waiting',
    'too many',
  ],
])('a server that %s', async (_name, behaviour, kind, why) => {
  expect(await reachOfFake(behaviour)).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test('a server that takes the connection and never answers may be starting', async () => {
  expect(await reachOfFake({ kind: 'silent' })).toEqual({ kind: 'waiting', why: 'it does not answer within 5 s' });
});

test('nobody there, an unknown name, a socket that is missing and a broken connection may be a server that starts', async () => {
  const port = await findFreePort();
  expect(await probePostgres(`postgres://u:p@127.0.0.1:${port}/d`)).toEqual({
    kind: 'waiting',
    why: 'nobody listens there',
  });
  expect(await probePostgres(`postgres://u:p@localhost:${port}/d`)).toEqual({
    kind: 'waiting',
    why: 'nobody listens there',
  });
  expect(await probePostgres('postgres://u:p@nowhere.invalid/d')).toMatchObject({ kind: 'waiting' });
  expect(await probePostgres('postgres:///d?host=/nowhere')).toEqual({
    kind: 'waiting',
    why: 'its socket is not there',
  });
  const breaking = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(breaking, 'listening');
  const { port: brokenPort } = breaking.address() as AddressInfo;
  expect(await probePostgres(`postgres://u:p@127.0.0.1:${brokenPort}/d`)).toEqual({
    kind: 'waiting',
    why: 'it breaks the connection',
  });
  breaking.close();
});

test('something else that listens there does not end in a hang', async () => {
  const web = createHttpServer((_req, res) => res.end('hello')).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const { port } = web.address() as AddressInfo;
  expect(await probePostgres(`postgres://u:p@127.0.0.1:${port}/d`)).toMatchObject({
    kind: expect.stringMatching(/waiting|refused/),
  });
  web.closeAllConnections();
  web.close();
});

test('the address of a database has neither user nor password', () => {
  expect(databaseAddress('postgres://user:secret@db.example/pages')).toBe('db.example:5432/pages');
  expect(databaseAddress('postgres://user:secret@[::1]:5433/pages')).toBe('[::1]:5433/pages');
  expect(databaseAddress('postgres://user:secret@/pages?host=/run/postgresql')).toBe('/run/postgresql/pages');
});
