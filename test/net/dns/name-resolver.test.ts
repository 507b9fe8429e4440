import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NameResolver } from '../../../src/net/dns/name-resolver';
import type { Getaddrinfo } from '../../../src/net/dns/system-names';
import { waitFor } from '../../support/wait-for';
import { closeNameServers, openNameServer, openResolver } from './resolver-fixture';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everfetch-names-'));
});
afterEach(async () => {
  await closeNameServers();
  await rm(folder, { recursive: true });
});

const V4 = '93.184.216.34';
const V6 = '2606:2800:220:1::1';

test('A and AAAA are asked together, and both families are answered', async () => {
  const { find, server } = await openResolver(() => ({ addresses: [V4, V6], ttl: 60 }));
  expect([...(await find('a.test'))].sort()).toEqual([V6, V4].sort());
  expect(server.questions.map(({ type }) => type).sort()).toEqual(['A', 'AAAA']);
});

describe('what a name server has said', () => {
  test.each([
    ['60 s where it says so', 60, 60_000],
    ['a second where nobody may keep it', 0, 1_000],
    ['an hour where it may be kept for a week', 604_800, 3_600_000],
  ])('is kept for %s', async (_what, ttl, keptMs) => {
    const { find, server, pass } = await openResolver((_name, asked) => ({ addresses: [`93.184.216.${asked}`], ttl }));
    expect(await find('a.test')).toEqual(['93.184.216.1']);
    pass(keptMs - 1);
    expect(await find('A.TEST')).toEqual(['93.184.216.1']);
    expect(server.questions).toHaveLength(2);
    pass(1);
    expect(await find('a.test')).toEqual(['93.184.216.2']);
  });

  test('is kept for as long as the shortest-lived alias or address', async () => {
    const { find, server, pass } = await openResolver(() => ({
      addresses: [V4],
      ttl: 300,
      alias: { name: 'target.test', ttl: 7 },
    }));
    expect(await find('alias.test')).toEqual([V4]);
    pass(6_999);
    await find('alias.test');
    expect(server.questions).toHaveLength(2);
    pass(1);
    await find('alias.test');
    expect(server.questions).toHaveLength(4);
  });

  test.each(['NXDOMAIN', 'NOERROR'] as const)('is kept for 5 s where there is nothing (%s)', async (rcode) => {
    const { find, server, pass } = await openResolver((_name, asked) =>
      asked === 1 ? { rcode } : { addresses: [V4], ttl: 60 },
    );
    expect(await find('new.test')).toBe('ENOTFOUND');
    pass(4_999);
    expect(await find('new.test')).toBe('ENOTFOUND');
    expect(server.questions).toHaveLength(2);
    pass(1);
    expect(await find('new.test')).toEqual([V4]);
  });

  test('is not kept where it was no answer', async () => {
    let isWell = false;
    const { find } = await openResolver(() => (isWell ? [V4] : { rcode: 'SERVFAIL' }));
    expect(await find('ill.test')).toBe('EAI_AGAIN');
    isWell = true;
    expect(await find('ill.test')).toEqual([V4]);
  });

  test('is kept for so many names, and the one that was not used for the longest goes first', async () => {
    const { find, server } = await openResolver(() => ({ addresses: [V4], ttl: 3_600 }), { maxNames: 100 });
    for (let index = 0; index < 100; index += 1) await find(`n${index}.test`);
    expect(server.questions).toHaveLength(200);
    await find('n0.test');
    await find('one-more.test');
    expect(server.questions).toHaveLength(202);
    await find('n0.test');
    expect(server.questions).toHaveLength(202);
    await find('n1.test');
    expect(server.questions).toHaveLength(204);
  });
});

test('a name is asked for once for all who want to know it, whoever gives up', async () => {
  let release = () => {};
  const after = new Promise<void>((resolve) => (release = resolve));
  const { find, server } = await openResolver(() => ({ addresses: [V4], ttl: 60, after }));
  const all = Array.from({ length: 50 }, (_, index) => find(index % 2 === 0 ? 'a.test' : 'A.test'));
  const impatient = Promise.race([all[0], Promise.resolve('gave up')]);
  expect(await impatient).toBe('gave up');
  await waitFor(() => server.questions.length === 2);
  release();
  expect(await Promise.all(all)).toEqual(Array(50).fill([V4]));
  expect(server.questions).toHaveLength(2);
});

describe('the hosts file', () => {
  test('counts more than the name server, for both families', async () => {
    const hostsPath = join(folder, 'hosts');
    await writeFile(hostsPath, '10.0.0.7 both.test alias.test # both\n10.0.0.8\tBOTH.test\n');
    const { find, server } = await openResolver(() => [V4, V6], { hostsPath });
    expect(await find('both.test')).toEqual(['10.0.0.7', '10.0.0.8']);
    expect(await find('Alias.test.')).toEqual(['10.0.0.7']);
    expect(server.questions).toEqual([]);
  });

  test('is read again when it has changed, whatever was kept of the name', async () => {
    const hostsPath = join(folder, 'hosts');
    const { find, pass } = await openResolver(() => ({ addresses: [V4], ttl: 3_600 }), { hostsPath });
    expect(await find('moved.test')).toEqual([V4]);
    await writeFile(`${hostsPath}.new`, '10.0.0.7 moved.test\n');
    await rename(`${hostsPath}.new`, hostsPath);
    pass(1_000);
    expect(await find('moved.test')).toEqual(['10.0.0.7']);
    await rm(hostsPath);
    pass(1_000);
    expect(await find('moved.test')).toEqual([V4]);
  });
});

describe('the system', () => {
  const unknown = () => ({ rcode: 'NXDOMAIN' }) as const;
  const systemKnows = { 'printer.local': '10.0.0.9', 'svc.team': '10.0.0.10', intranet: '10.0.0.11' };

  test.each([
    ['a name of mDNS', 'printer.local', ['10.0.0.9'], { hasOthers: false, searchedDots: 0 }],
    ['a name without a dot', 'intranet', ['10.0.0.11'], { hasOthers: false, searchedDots: 0 }],
    ['a name that is looked for in search domains', 'svc.team', ['10.0.0.10'], { hasOthers: false, searchedDots: 5 }],
    ['any name where it has other sources', 'svc.team', ['10.0.0.10'], { hasOthers: true, searchedDots: 0 }],
  ])('is asked for %s that the DNS does not know', async (_what, name, addresses, sources) => {
    const { find, system, pass } = await openResolver(unknown, { systemKnows, readSources: () => sources });
    expect(await find(name)).toEqual(addresses);
    expect(await find(name)).toEqual(addresses);
    expect(system).toEqual([name]);
    pass(10_000);
    await find(name);
    expect(system).toEqual([name, name]);
  });

  test('is not asked for what it would ask the same name servers for', async () => {
    const { find, system } = await openResolver(unknown, { systemKnows });
    for (const name of ['svc.team', 'intranet.', 'gone.example.com']) expect(await find(name)).toBe('ENOTFOUND');
    expect(system).toEqual([]);
  });

  test('is asked first for a name without a dot, unless the owner has named the name servers', async () => {
    const asked: string[] = [];
    const getaddrinfo: Getaddrinfo = (name, _options, callback) => {
      asked.push(name);
      callback(null, [{ address: '10.0.0.11', family: 4 }]);
    };
    await expect(new NameResolver({ getaddrinfo }).resolve('intranet')).resolves.toEqual([
      { address: '10.0.0.11', family: 4 },
    ]);
    expect(asked).toEqual(['intranet']);
    const { find, system } = await openResolver(() => [V4], { systemKnows });
    expect(await find('intranet')).toEqual([V4]);
    expect(system).toEqual([]);
  });

  test('is asked for no more than two names at a time, and not for those that nobody waits for any more', async () => {
    const server = await openNameServer(unknown);
    const waiting: (() => void)[] = [];
    const asked: string[] = [];
    const getaddrinfo: Getaddrinfo = (name, _options, callback) => {
      asked.push(name);
      waiting.push(() => callback(Object.assign(new Error(), { code: 'EAI_AGAIN' }), []));
    };
    const resolver = new NameResolver({ servers: [server.address], getaddrinfo, timeoutMs: 300 });
    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => resolver.resolve(`host${index}`)));
    // What the DNS has said counts in the end.
    expect(all.map((each) => each.status === 'rejected' && (each.reason as { code: string }).code)).toEqual(
      Array(20).fill('ENOTFOUND'),
    );
    expect(asked).toHaveLength(2);
    for (const end of waiting) end();
    await new Promise(setImmediate);
    expect(asked).toHaveLength(2);
  });
});

describe('errors have the codes of getaddrinfo', () => {
  test.each(['SERVFAIL', 'REFUSED', 'FORMERR'] as const)('%s is EAI_AGAIN', async (rcode) => {
    const { find } = await openResolver(() => ({ rcode }));
    expect(await find('a.test')).toBe('EAI_AGAIN');
  });

  test('a name server that is not there does not look like a target that refuses', async () => {
    const { find } = await openResolver(() => [], { serversAround: () => ['127.0.0.1:1'] });
    expect(await find('a.test')).toBe('EAI_AGAIN');
  });

  test('silence is EAI_AGAIN', async () => {
    const { find } = await openResolver(() => 'silence', { timeoutMs: 100 });
    expect(await find('a.test')).toBe('EAI_AGAIN');
  });

  test('a name with no address of the family that is wanted is ENOTFOUND', async () => {
    const { resolver } = await openResolver(() => [V4]);
    const lookup = (family: number) =>
      new Promise((resolve) =>
        resolver.lookup('a.test', { family }, (error, addresses) => resolve(error?.code ?? addresses)),
      );
    expect(await lookup(6)).toBe('ENOTFOUND');
    expect(await lookup(4)).toEqual([{ address: V4, family: 4 }]);
  });
});

test.each([
  ['localhost', ['127.0.0.1', '::1']],
  ['LOCALHOST.', ['127.0.0.1', '::1']],
  ['any.thing.localhost', ['127.0.0.1', '::1']],
  ['127.0.0.1', ['127.0.0.1']],
  ['2606:4700::1111', ['2606:4700::1111']],
  ['127.1', ['127.0.0.1']],
  ['0x7f.0.0.1', ['127.0.0.1']],
  ['2130706433', ['127.0.0.1']],
  ['1.2.3.256', 'ENOTFOUND'],
  ['', 'ENOTFOUND'],
  ['.', 'ENOTFOUND'],
  ['a..test', 'ENOTFOUND'],
  ['a.test..', 'ENOTFOUND'],
  ['a\0b.test', 'ENOTFOUND'],
  ['a b.test', 'ENOTFOUND'],
  [`${'x'.repeat(64)}.test`, 'ENOTFOUND'],
  [`${'x'.repeat(49)}.`.repeat(5) + 'test', 'ENOTFOUND'], // 254 characters
])('%j is %j, and nobody is asked', async (name, expected) => {
  const { find, server, system } = await openResolver(() => [V4]);
  expect(await find(name)).toEqual(expected);
  expect(server.questions).toEqual([]);
  expect(system).toEqual([]);
});

test.each([
  ['a_b._c.test', 'a_b._c.test'],
  ['a.test.', 'a.test'],
  ['xn--mnchen-3ya.test', 'xn--mnchen-3ya.test'],
  ['münchen.test', 'xn--mnchen-3ya.test'],
  ['-odd-.test', '-odd-.test'],
  ['1.a.test', '1.a.test'],
  [`${'x'.repeat(48)}.`.repeat(5) + 'x'.repeat(8), `${'x'.repeat(48)}.`.repeat(5) + 'x'.repeat(8)], // 253 characters
])('the name server is asked for %j as %j', async (name, asked) => {
  const { find, server } = await openResolver(() => [V4]);
  expect(await find(name)).toEqual([V4]);
  expect(new Set(server.questions.map((each) => each.name))).toEqual(new Set([asked]));
});

test('the disk does not wait for names, nor names for the disk', async () => {
  let release = () => {};
  const after = new Promise<void>((resolve) => (release = resolve));
  const { find, server } = await openResolver(() => ({ addresses: [V4], ttl: 60, after }));
  const events: string[] = [];
  // Fifty times as many as libuv has threads.
  const all = Array.from({ length: 200 }, async (_, index) => {
    expect(await find(`slow${index}.test`)).toEqual([V4]);
    events.push('name');
  });
  await waitFor(() => server.questions.length >= 400);
  const file = await open(join(folder, 'page'), 'w');
  await file.writeFile(Buffer.alloc(1024 * 1024));
  await file.sync();
  await file.close();
  events.push('disk');
  release();
  await Promise.all(all);
  expect(events).toEqual(['disk', ...Array<string>(200).fill('name')]);
});
