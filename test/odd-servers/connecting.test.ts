import type { LookupFunction, Socket } from 'node:net';
import { dialHost } from '../../src/net/dial/dial-host';
import { networkCodeOf } from '../../src/fetch/error-codes';
import { useNameServers } from '../../src/net/dns/shared-names';
import { ForbiddenTargetError, createGuard } from '../../src/net/guard';
import { dialThrough } from '../../src/fetch/proxies/dial-through';
import { createPostCallback } from '../../src/callbacks/post-callback';
import { credentialsOf, exchange, getFrom, openEgress, proxyOf } from '../fetch/egress/egress-fixture';
import { fetchOnce, openFetcher, pageOf } from '../fetch/fetch-fixture';
import { startConnectProxy } from '../support/connect-proxy';
import { startNameServer } from '../support/name-server';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';
import { resolvesTo } from './names';
import { freePort, startSilent } from './silent-host';

/** No address of the internet, and no way leads there (RFC 3849), whether or not this machine has IPv6. */
const NOWHERE_V6 = '2001:db8::1';
const LOOPBACK = ['127.0.0.0/8', NOWHERE_V6];

const closing: (() => Promise<unknown>)[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const close of closing.splice(0)) await close();
});

const lookupOf = (...addresses: readonly string[]): LookupFunction =>
  createGuard(['*'], { resolve: resolvesTo(...addresses) }).lookup;

async function dial(addresses: readonly string[], port: number, timeoutMs = 5_000): Promise<Socket> {
  const socket = await dialHost({ host: 'host.test', port }, { lookup: lookupOf(...addresses), timeoutMs });
  sockets.push(socket);
  return socket;
}

/** Sockets of this process that are connecting or connected. */
const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap' || each === 'TCPConnectWrap').length;

/** Every way in which something of others is connected to; each is to bring what the host answers with. */
const WAYS: Readonly<Record<string, (port: number, ...addresses: string[]) => Promise<string>>> = {
  'a page by plain HTTP': async (port, ...addresses) => {
    const guard = createGuard(LOOPBACK, { resolve: resolvesTo(...addresses) });
    return pageOf(await fetchOnce(openFetcher({ guard }), `http://host.test:${port}/`)).body.toString();
  },
  'a robots.txt': async (port, ...addresses) => {
    const guard = createGuard(LOOPBACK, { resolve: resolvesTo(...addresses) });
    const robots = {
      ...{ isObeyed: () => true, onCrawlDelay: () => undefined },
      ...{ proxyFor: () => undefined, onProxyUsed: () => undefined },
    };
    return pageOf(await fetchOnce(openFetcher({ guard, robots }), `http://host.test:${port}/`)).body.toString();
  },
  'a tunnel of the egress proxy': async (port, ...addresses) => {
    const egress = await openEgress({ allow: LOOPBACK, resolve: resolvesTo(...addresses) });
    const address = egress.addressFor(undefined);
    const head = `CONNECT host.test:${port} HTTP/1.1\r\nHost: host.test\r\n${credentialsOf(address)}\r\n`;
    return exchange(address, `${head}GET / HTTP/1.1\r\nHost: host.test\r\nConnection: close\r\n\r\n`);
  },
  'a request that the egress proxy forwards': async (port, ...addresses) => {
    const egress = await openEgress({ allow: LOOPBACK, resolve: resolvesTo(...addresses) });
    return getFrom(`http://host.test:${port}/`, egress.addressFor(undefined));
  },
  'a callback': async (port, ...addresses) => {
    const { post, close } = createPostCallback(createGuard(LOOPBACK, { resolve: resolvesTo(...addresses) }));
    closing.push(close);
    const payload = { kind: 'bytes', bytes: Buffer.from('{}') } as const;
    const { signal } = new AbortController();
    return JSON.stringify(
      await post({ id: '1', url: `http://host.test:${port}/`, payload, secrets: ['whsec_AA=='], signal }),
    );
  },
};

const answering = (host: string) => startOrigin((_req, res) => res.end('an answer'), host);

describe.each(Object.entries(WAYS))('%s', (_way, get) => {
  test('comes from the second address when the first is silent', async () => {
    const { port } = await answering('127.0.0.3');
    await startSilent(['127.0.0.2'], port);
    expect(await get(port, '127.0.0.2', '127.0.0.3')).toMatch(/an answer/);
  });

  test.each([
    ['behind it', ['127.0.0.2', NOWHERE_V6]],
    ['before it', [NOWHERE_V6, '127.0.0.2']],
  ])(
    'comes from the good address whose first SYN is lost, with one %s that no way leads to',
    async (_where, addresses) => {
      const silent = await startSilent(['127.0.0.2'], await freePort('127.0.0.2'));
      const getting = get(silent.port, ...addresses);
      setTimeout(() => silent.wake(), 600);
      expect(await getting).toMatch(/woken/);
    },
  );
});

test("the owner's proxy is connected to by the address that answers", async () => {
  const origin = await answering('127.0.0.1');
  const proxy = await startConnectProxy();
  await startSilent(['127.0.0.2'], proxy.port);
  const names = await startNameServer(() => ['127.0.0.2', '127.0.0.1']);
  useNameServers([names.address]);
  const route = proxyOf({ host: 'proxy.test', port: proxy.port });
  const target = { host: '127.0.0.1', port: origin.port };
  try {
    sockets.push(await dialThrough(route, target, { timeoutMs: 5_000 }));
  } finally {
    useNameServers([]);
    names.close();
  }
  expect(proxy.targets).toEqual([`127.0.0.1:${origin.port}`]);
});

const refused = (count: number) => Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);

test.each<[string, readonly string[]]>([
  ['many that decline', [...refused(20), '127.0.0.3']],
  ['one of the other family that no way leads to', [NOWHERE_V6, '127.0.0.3']],
  [
    'several of the other family, which take turns with it',
    [...[1, 2, 3].map((each) => `2001:db8::${each}`), '127.0.0.3'],
  ],
  ['itself, twice', ['127.0.0.3', '127.0.0.3']],
])('the good address is found behind %s', async (_what, addresses) => {
  const { port } = await answering('127.0.0.3');
  expect((await dial(addresses, port)).remoteAddress).toBe('127.0.0.3');
});

test('the good address is found behind ten silent ones, eight sockets at a time', async () => {
  const { port } = await answering('127.0.0.3');
  const silent = Array.from({ length: 10 }, (_, index) => `127.0.2.${index + 1}`);
  await startSilent(silent, port);
  const before = openSockets();
  let most = 0;
  const counting = setInterval(() => (most = Math.max(most, openSockets() - before)), 20);
  expect((await dial([...silent, '127.0.0.3'], port, 10_000)).remoteAddress).toBe('127.0.0.3');
  clearInterval(counting);
  expect(most).toBeLessThanOrEqual(9); // with the other end of the one that wins
  await waitFor(() => openSockets() - before <= 2); // both ends of the one that won
});

test.each<[string, readonly string[], string]>([
  ['who declines, rather than the family that we lack', [NOWHERE_V6, '127.0.0.9'], 'ECONNREFUSED'],
  ['who declines, rather than who is silent', ['127.0.0.2', '127.0.0.9'], 'ECONNREFUSED'],
  ['who is silent, rather than the family that we lack', [NOWHERE_V6, '127.0.0.2'], 'CONNECT_TIMEOUT'],
  ['who is silent', ['127.0.0.2'], 'CONNECT_TIMEOUT'],
])('when none can be connected to, the error tells of %s', async (_what, addresses, code) => {
  const { port } = await startSilent(['127.0.0.2'], await freePort('127.0.0.2'));
  const before = openSockets();
  const error: unknown = await dial(addresses, port, 800).catch((reason: unknown) => reason);
  expect(networkCodeOf(error)).toBe(code);
  await waitFor(() => openSockets() === before);
});

test('the time counts for the name as well', async () => {
  const dialling = dialHost({ host: 'host.test', port: 80 }, { lookup: () => undefined, timeoutMs: 50 });
  expect(networkCodeOf(await dialling.catch((reason: unknown) => reason))).toBe('CONNECT_TIMEOUT');
});

test('a name that has one private address among its public ones is not dialled at all', async () => {
  const { port, connections } = await answering('127.0.0.3');
  const guard = createGuard([], { resolve: resolvesTo('93.184.215.14', '127.0.0.3') });
  const dialling = dialHost({ host: 'host.test', port }, { lookup: guard.lookup, timeoutMs: 1_000 });
  await expect(dialling).rejects.toBeInstanceOf(ForbiddenTargetError);
  expect(connections).toBe(0);
});

test.each([0, 400])('who gives up after %i ms leaves no socket', async (afterMs) => {
  const { port } = await startSilent(['127.0.0.2', '127.0.0.4'], await freePort('127.0.0.2'));
  const before = openSockets();
  const giveUp = new AbortController();
  const options = { lookup: lookupOf('127.0.0.2', '127.0.0.4'), timeoutMs: 5_000, signal: giveUp.signal };
  const dialling = dialHost({ host: 'host.test', port }, options);
  const reason = new Error('enough');
  setTimeout(() => giveUp.abort(reason), afterMs);
  await expect(dialling).rejects.toBe(reason);
  await waitFor(() => openSockets() === before);
});

test('an attempt that ends while it connects leaves no socket', async () => {
  const { port } = await startSilent(['127.0.0.2'], await freePort('127.0.0.2'));
  const before = openSockets();
  const fetcher = openFetcher({ attemptTimeoutMs: 300 });
  expect(await fetchOnce(fetcher, `http://127.0.0.2:${port}/`)).toEqual({
    kind: 'unreachable',
    code: 'ATTEMPT_TIMEOUT',
  });
  await waitFor(() => openSockets() === before);
});

test('a fetcher that is closed while it connects leaves no socket', async () => {
  const { port } = await startSilent(['127.0.0.2'], await freePort('127.0.0.2'));
  const before = openSockets();
  const fetcher = openFetcher();
  const fetching = fetchOnce(fetcher, `http://127.0.0.2:${port}/`);
  await waitFor(() => openSockets() > before);
  await fetcher.close();
  expect(await fetching).toEqual({ kind: 'unreachable', code: 'FETCHER_CLOSED' });
  await waitFor(() => openSockets() === before);
});
