import { Resolver } from 'node:dns';
import { Agent, request } from 'undici';
import { createGuard } from '../../src/net/guard';
import type { GuardOptions } from '../../src/net/guard';
import { startNameServer } from '../support/name-server';
import type { NameServer } from '../support/name-server';
import { startOrigin } from '../support/origin';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Asks this name server for both families, as `dns.lookup` does. */
function resolverAt(server: NameServer): NonNullable<GuardOptions['resolve']> {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([server.address]);
  const ask = (name: string, method: 'resolve4' | 'resolve6') =>
    new Promise<readonly string[]>((resolve) =>
      resolver[method](name, (_error, answers: string[] | undefined) => resolve(answers ?? [])),
    );
  return (name, _options, callback) => {
    void Promise.all([ask(name, 'resolve4'), ask(name, 'resolve6')]).then(([v4, v6]) =>
      callback(null, [
        ...v4.map((address) => ({ address, family: 4 })),
        ...v6.map((address) => ({ address, family: 6 })),
      ]),
    );
  };
}

/** A client behind the guard, and a server on every address of this machine that tells which of them was dialled. */
async function setUp(allow: readonly string[], answer: (name: string, asked: number) => readonly string[]) {
  const server = await startNameServer(answer);
  closing.push(() => server.close());
  const { lookup } = createGuard(allow, { resolve: resolverAt(server) });
  const agent = new Agent({ connect: { lookup }, connections: 1 });
  closing.push(() => agent.destroy());
  const dialled: string[] = [];
  const origin = await startOrigin((req, res) => {
    dialled.push(req.socket.localAddress?.replace(/^::ffff:/, '') ?? '');
    if (req.url === '/once') res.setHeader('connection', 'close');
    res.end(req.headers.host);
  }, '::').catch(() => undefined);
  const get = async (name: string, path: string) => {
    const { statusCode, body } = await request(`http://${name}:${origin?.port}${path}`, { dispatcher: agent });
    await body.dump();
    return statusCode;
  };
  return { server, dialled, get, origin };
}

// 127.0.0.1, opened by the owner, stands in for a public address; ::1 is what the attacker is after.
const OPENED = ['127.0.0.1/32'];

test('a name that moves between check and dial is dialled where it was checked', async () => {
  const { server, dialled, get, origin } = await setUp(OPENED, (_name, asked) => [
    asked % 2 === 1 ? '127.0.0.1' : '::1',
  ]);
  if (origin === undefined) return; // no IPv6 here, so nowhere to move to
  const results: string[] = [];
  for (let attempt = 1; attempt <= 10; attempt += 1)
    results.push(await get('rebind.test', '/once').then(String, (error: Error) => error.name));
  expect(results).toEqual(Array(5).fill(['200', 'ForbiddenTargetError']).flat());
  expect(dialled).toEqual(Array(5).fill('127.0.0.1'));
  expect(origin.connections).toBe(5);
  // Once for each connection: there is no second answer that could be another.
  expect(server.questions.filter(({ type }) => type === 'A')).toHaveLength(10);
  expect(server.questions.filter(({ type }) => type === 'AAAA')).toHaveLength(10);
});

test('a connection that is kept goes on to the address that was checked', async () => {
  const { server, dialled, get, origin } = await setUp(OPENED, (_name, asked) => [asked === 1 ? '127.0.0.1' : '::1']);
  if (origin === undefined) return;
  for (let attempt = 1; attempt <= 5; attempt += 1) expect(await get('rebind.test', '/kept')).toBe(200);
  expect(dialled).toEqual(Array(5).fill('127.0.0.1'));
  expect(origin.connections).toBe(1);
  expect(server.questions).toHaveLength(2);
});

test('a connection is never used for another name, although both have one address', async () => {
  const { get, origin, server } = await setUp(OPENED, () => ['127.0.0.1']);
  if (origin === undefined) return;
  for (const name of ['a.test', 'b.test', 'a.test', 'b.test']) expect(await get(name, '/kept')).toBe(200);
  expect(origin.connections).toBe(2);
  expect(new Set(server.questions.map(({ name }) => name))).toEqual(new Set(['a.test', 'b.test']));
  expect(origin.requests.map(({ headers }) => headers.host)).toEqual(
    ['a.test', 'b.test', 'a.test', 'b.test'].map((name) => `${name}:${origin.port}`),
  );
});

test.each([
  ['a public and a private one', ['93.184.216.34', '127.0.0.1']],
  ['a private one of the other family', ['93.184.216.34', '::1']],
  ['a mapped private one', ['2606:4700::1111', '::ffff:7f00:1']],
  ['a NAT64 of a private one', ['93.184.216.34', '64:ff9b::7f00:1']],
  ['metadata', ['169.254.169.254']],
  ['metadata over IPv6', ['fd00:ec2::254']],
  ["Azure's wire server", ['168.63.129.16']],
])('a name with %s among its answers is not dialled', async (_name, answers) => {
  const { get, origin } = await setUp([], () => answers);
  await expect(get('mixed.test', '/')).rejects.toMatchObject({ name: 'ForbiddenTargetError', host: 'mixed.test' });
  expect(origin?.connections ?? 0).toBe(0);
});

test('a name without addresses is not found, and ends nothing else', async () => {
  const { get } = await setUp([], () => []);
  await expect(get('nothing.test', '/')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
