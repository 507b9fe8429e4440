import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { FetchOutcome, FetchRequest } from '../../src/jobs/fetch-outcome';
import type { Fetcher } from '../../src/fetch/create-fetcher';
import { describeWithBrowser, openBrowser, renderWith } from '../fetch/browser/browser-fixture';
import { openFetcher, pageOf, requestOf } from '../fetch/fetch-fixture';
import type { Proxy } from '../../src/fetch/proxies/proxy';
import { selfSigned } from '../fetch/proxies/self-signed';
import { startConnectProxy } from '../support/connect-proxy';
import { startSocksServer } from '../support/socks-server';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const PAGE = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npage';

/** What a server does with a request: the how many-th over this connection it is, from 1, and how many connections there have been. */
type Turn = (socket: Socket, request: number, connection: number) => void;

interface OddServer {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
}

/** Speaks only when a head has come, and writes what it is told to. */
async function startOdd(turn: Turn, isTls = false): Promise<OddServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onConnection = (socket: Socket) => {
    const connection = (connections += 1);
    let seen = 0;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      requests.push(/^\S+ \S+/.exec(bytes.toString('latin1'))?.[0] ?? '');
      turn(socket, (seen += 1), connection);
    });
  };
  const server = isTls ? createTlsServer(selfSigned, onConnection) : createTcpServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  return {
    ...{ port, requests },
    get connections() {
      return connections;
    },
  };
}

/** A page the first time, and something else whenever the connection is used again. */
const onReuse =
  (odd: (socket: Socket) => void): Turn =>
  (socket, request) =>
    request === 1 ? socket.write(PAGE) : odd(socket);

async function fetchBy(
  fetcher: Fetcher,
  url: string,
  rest: Partial<FetchRequest> = {},
  proxy?: Proxy,
): Promise<FetchOutcome> {
  const outcome = await fetcher.fetchPage(requestOf(url, rest), {
    ...{ attempt: 1, signal: new AbortController().signal },
    route: { engine: 'http', profile: 'chrome', isFresh: false, proxy },
  });
  // undici takes a connection back a turn of the loop later.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  return outcome;
}

const WAYS: readonly (readonly [string, string, () => Promise<Proxy | undefined>])[] = [
  ['by http', 'http', async () => undefined],
  ['by https', 'https', async () => undefined],
  ['by http through an HTTP proxy', 'http', async () => (await startConnectProxy()).asProxy()],
  ['by https through an HTTP proxy', 'https', async () => (await startConnectProxy()).asProxy()],
  ['by http through a SOCKS5 proxy', 'http', async () => (await startSocksServer()).asProxy()],
];

describe.each(WAYS)('%s', (_way, scheme, openProxy) => {
  test.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => void socket.end()],
    ['drops', (socket) => void socket.destroy()],
  ])('a server that %s a connection when it is used again costs no attempt', async (_what, odd) => {
    const server = await startOdd(onReuse(odd), scheme === 'https');
    const proxy = await openProxy();
    const fetcher = openFetcher({ allowPrivateTargets: ['*'], authorities: [selfSigned.cert.toString()] });
    const url = `${scheme}://localhost:${server.port}/`;
    for (let page = 1; page <= 4; page += 1)
      expect(pageOf(await fetchBy(fetcher, url, {}, proxy)).body.toString()).toBe('page');
    expect(server.requests.length).toBeGreaterThan(4); // so that it was about connections that were used again
  });
});

test('a proxy that closes its tunnels when they are used again costs no attempt', async () => {
  const server = await startOdd((socket) => socket.write(PAGE));
  const clients: Socket[] = [];
  const proxy = await startConnectProxy({
    instead: (client) => {
      const upstream = connect(server.port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      let heads = 0;
      client.on('data', (bytes) => ((heads += 1) === 1 ? upstream.write(bytes) : client.resetAndDestroy()));
      client.on('close', () => upstream.destroy());
      upstream.on('data', (bytes) => client.write(bytes));
      clients.push(client);
    },
  });
  const fetcher = openFetcher({ allowPrivateTargets: ['*'] });
  const url = `http://localhost:${server.port}/`;
  for (let page = 1; page <= 3; page += 1)
    expect(pageOf(await fetchBy(fetcher, url, {}, proxy.asProxy())).body.toString()).toBe('page');
  expect([server.requests.length, clients.length]).toEqual([3, 3]);
});

test.each(['GET', 'HEAD'])('%s goes out once more', async (method) => {
  const server = await startOdd(onReuse((socket) => void socket.resetAndDestroy()));
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  const outcome = await fetchBy(fetcher, url, { method });
  expect(outcome.kind).toBe('page');
  expect(server.requests).toEqual(['GET /', `${method} /`, `${method} /`]);
});

const OTHERS = ['OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH'];

test.each(OTHERS)('%s goes over a connection of its own, so no kept one can fail it', async (method) => {
  const server = await startOdd(onReuse((socket) => void socket.resetAndDestroy()));
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  const outcome = await fetchBy(fetcher, url, { method, ...(method !== 'OPTIONS' && { body: 'content' }) });
  expect(outcome.kind).toBe('page');
  expect(server.requests).toEqual(['GET /', `${method} /`]);
});

test.each(OTHERS)('%s never goes out twice', async (method) => {
  const server = await startOdd((socket, _request, connection) =>
    connection === 1 ? socket.write(PAGE) : void socket.resetAndDestroy(),
  );
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  const outcome = await fetchBy(fetcher, url, { method, ...(method !== 'OPTIONS' && { body: 'content' }) });
  expect(outcome).toMatchObject({ kind: 'unreachable' });
  expect(server.requests).toEqual(['GET /', `${method} /`]);
});

test.each<[string, (socket: Socket) => void]>([
  ['one byte', (socket) => void socket.end('H')],
  ['half a head', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
  ['an informational answer', (socket) => void socket.end('HTTP/1.1 103 Early Hints\r\n\r\n')],
])('once %s has come, a GET goes out once more to be read leniently, and no third time', async (_what, odd) => {
  const server = await startOdd((socket, _request, connection) => (connection > 2 ? socket.write(PAGE) : odd(socket)));
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  expect(await fetchBy(fetcher, url)).toMatchObject({ kind: 'unreachable' });
  expect(server.requests).toEqual(['GET /', 'GET /']);
});

test('once half a body has come, the request does not go out again', async () => {
  const half = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf';
  const server = await startOdd(onReuse((socket) => void socket.end(half)));
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  expect(await fetchBy(fetcher, url)).toMatchObject({ kind: 'unreachable' });
  expect(server.requests).toEqual(['GET /', 'GET /']);
});

test('a new connection that fails is a failed attempt, also when it is the second one of an attempt', async () => {
  const server = await startOdd((socket, request, connection) =>
    request === 1 && connection === 1 ? socket.write(PAGE) : void socket.resetAndDestroy(),
  );
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  expect(await fetchBy(fetcher, url)).toEqual({ kind: 'unreachable', code: 'ECONNRESET' });
  expect([server.requests.length, server.connections]).toEqual([3, 2]);
  expect(await fetchBy(fetcher, url)).toEqual({ kind: 'unreachable', code: 'ECONNRESET' });
  expect([server.requests.length, server.connections]).toEqual([4, 3]);
});

test('none of the other connections that are kept is taken for the second try', async () => {
  const held: Socket[] = [];
  const server = await startOdd((socket, request) => {
    if (request > 1) return void socket.resetAndDestroy();
    held.push(socket);
    if (held.length < 3) return;
    for (const each of held) each.write(PAGE);
    held.length = 2; // from now on each answer is given at once
  });
  const fetcher = openFetcher();
  const url = `http://127.0.0.1:${server.port}/`;
  const fetchAll = () => Promise.all([1, 2, 3].map(() => fetchBy(fetcher, url)));
  expect((await fetchAll()).map(({ kind }) => kind)).toEqual(['page', 'page', 'page']);
  expect(server.connections).toBe(3);
  expect(pageOf(await fetchBy(fetcher, url)).body.toString()).toBe('page');
  expect(server.connections).toBe(4);
});

test('an attempt whose time is over sends nothing again', async () => {
  const server = await startOdd(onReuse(() => undefined));
  const fetcher = openFetcher({ attemptTimeoutMs: 300 });
  const url = `http://127.0.0.1:${server.port}/`;
  await fetchBy(fetcher, url);
  expect(await fetchBy(fetcher, url)).toEqual({ kind: 'unreachable', code: 'ATTEMPT_TIMEOUT' });
  expect(server.requests.length).toBe(2);
});

test('a caller who gives up while it goes out again ends it', async () => {
  const giveUp = new AbortController();
  const server = await startOdd((socket, request, connection) => {
    if (connection === 1) return request === 1 ? void socket.write(PAGE) : void socket.resetAndDestroy();
    giveUp.abort(new Error('enough'));
  });
  const fetcher = openFetcher();
  const request = requestOf(`http://127.0.0.1:${server.port}/`);
  await fetchBy(fetcher, request.url);
  const route = { engine: 'http', profile: 'chrome', isFresh: false, proxy: undefined } as const;
  const fetching = fetcher.fetchPage(request, { attempt: 1, signal: giveUp.signal, route });
  await expect(fetching).rejects.toThrow('enough');
  expect(server.requests.length).toBe(3);
});

describeWithBrowser('in the browser, through the egress proxy', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['resets', (socket) => void socket.resetAndDestroy()],
    ['ends', (socket) => void socket.end()],
  ])('a server that %s a connection when it is used again costs no attempt', async (_what, odd) => {
    const { engine, close } = await openBrowser();
    closing.push(close);
    const server = await startOdd((socket, request, connection) => {
      if (request > 1) return odd(socket);
      const rest = 'content-length: 0\r\nconnection: keep-alive\r\n\r\n';
      socket.write(connection === 1 ? `HTTP/1.1 302 Found\r\nlocation: /there\r\n${rest}` : PAGE);
    });
    const page = await renderWith(engine, `http://127.0.0.1:${server.port}/`);
    expect(page.body.toString()).toContain('page');
    expect(server.requests.slice(0, 3)).toEqual(['GET /', 'GET /there', 'GET /there']);
  });
});
