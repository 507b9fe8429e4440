import { createServer } from 'node:https';
import type { AddressInfo, LookupFunction, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import type { Interruption } from '../../../src/fetch/attempt-clock';
import type { FetchEngine, Route } from '../../../src/fetch/engines/engine';
import { createHttpEngine } from '../../../src/fetch/engines/http';
import { networkCodeOf } from '../../../src/fetch/error-codes';
import type { Proxy } from '../../../src/fetch/proxies/proxy';
import { startConnectProxy } from '../../support/connect-proxy';
import type { TestProxy } from '../../support/connect-proxy';
import { faults, startOrigin } from '../../support/origin';
import { startSocksServer } from '../../support/socks-server';
import { waitFor } from '../../support/wait-for';
import { selfSigned, trustSelfSigned } from '../proxies/self-signed';

const engines: FetchEngine[] = [];
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await Promise.all(closings.splice(0).map((close) => close()));
});

/** Stands for the machine's own resolver, which nothing asks through a proxy. */
const noNames: LookupFunction = (host, _options, callback) =>
  callback(Object.assign(new Error(host), { code: 'ENOTFOUND' }), []);
const loopback: LookupFunction = (_host, options, callback) =>
  options.all === true ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);

function openEngine(lookup = noNames): FetchEngine {
  const engine = createHttpEngine({ lookup, attemptTimeoutMs: 20_000, connectionsPerHost: 2 });
  engines.push(engine);
  return engine;
}

const attemptOf = (): Interruption => ({ onInterrupt: undefined });
const routeOf = (proxy: Proxy | undefined, isFresh = false): Route => ({ proxy, isFresh, profile: 'chrome' });

async function get(engine: FetchEngine, url: string, route: Route, attempt = attemptOf()): Promise<string> {
  const request = { url: new URL(url), method: 'GET', headers: [], body: undefined, deviceType: 'desktop' } as const;
  const { body } = await engine.send(request, attempt, route);
  const chunks: Buffer[] = [];
  await body.readInto((chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks).toString();
}

const codeOf = async (getting: Promise<unknown>): Promise<string | undefined> =>
  getting.then(
    () => 'no error',
    (error: unknown) => networkCodeOf(error),
  );

/** An https target with the self-signed certificate. It answers with the name it was asked for by TLS, and whether the session was resumed. */
async function startTlsOrigin(): Promise<{ readonly port: number }> {
  const server = createServer(selfSigned, (req, res) => {
    const socket = req.socket as TLSSocket; // as: it is an https server
    res.end(`${String(socket.servername)} ${socket.isSessionReused() ? 'resumed' : 'new'}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port };
}

const hello = () => startOrigin((_req, res) => res.end('hello'));

describe.each([
  ['CONNECT', startConnectProxy],
  ['SOCKS5', startSocksServer],
])('through %s', (_kind, start: () => Promise<TestProxy>) => {
  test('http pages come, names are left to the proxy, and a tunnel is used again', async () => {
    const [origin, proxy] = await Promise.all([hello(), start()]);
    const engine = openEngine();
    const url = `http://only-the-proxy-knows.test:${origin.port}/a?b`;
    for (let each = 0; each < 5; each += 1) expect(await get(engine, url, routeOf(proxy.asProxy()))).toBe('hello');
    expect(origin.requests.map((request) => request.url)).toEqual(Array(5).fill('/a?b'));
    expect(origin.requests[0]?.headers).toEqual({ host: new URL(url).host, connection: 'keep-alive' });
    expect(proxy.connections).toBeLessThanOrEqual(2); // undici may open a second one while the first is being handed back.
  });

  test('https pages come, under the name of the target', async () => {
    trustSelfSigned();
    const [origin, proxy] = await Promise.all([startTlsOrigin(), start()]);
    expect(await get(openEngine(), `https://localhost:${origin.port}/`, routeOf(proxy.asProxy()))).toMatch(
      /^localhost/,
    );
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const [origin, proxy] = await Promise.all([startTlsOrigin(), start()]);
    const getting = get(openEngine(), `https://localhost:${origin.port}/`, routeOf(proxy.asProxy()));
    expect(await codeOf(getting)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    await waitFor(() => proxy.open === 0);
  });

  test("a certificate for another name, as of a proxy that answers in the target's place, is refused", async () => {
    trustSelfSigned();
    const [origin, proxy] = await Promise.all([startTlsOrigin(), start()]);
    const getting = get(openEngine(), `https://bank.test:${origin.port}/`, routeOf(proxy.asProxy()));
    expect(await codeOf(getting)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    await waitFor(() => proxy.open === 0);
  });

  test('IPv6 literals are passed on without brackets', async () => {
    const [origin, proxy] = await Promise.all([hello(), start()]);
    expect(await get(openEngine(), `http://[::1]:${origin.port}/`, routeOf(proxy.asProxy()))).toBe('hello');
  });

  test('a fresh request has a connection to itself, and looks like any other', async () => {
    const [origin, proxy] = await Promise.all([hello(), start()]);
    const engine = openEngine();
    const url = `http://target.test:${origin.port}/`;
    await get(engine, url, routeOf(proxy.asProxy()));
    for (let each = 0; each < 3; each += 1) await get(engine, url, routeOf(proxy.asProxy(), true));
    expect([proxy.connections, origin.connections]).toEqual([4, 4]);
    expect(origin.requests.map(({ headers }) => headers.connection)).toEqual(Array(4).fill('keep-alive'));
    await waitFor(() => proxy.open === 1); // This is the one that may be used again.
  });

  test('closing cuts tunnels and what is being dialled', async () => {
    const origin = await startOrigin(faults.stalledHeaders());
    const proxy = await start();
    const engine = openEngine();
    const url = `http://target.test:${origin.port}/`;
    const gettings = [get(engine, url, routeOf(proxy.asProxy())), get(engine, url, routeOf(proxy.asProxy(), true))];
    const codes = Promise.all(gettings.map(codeOf));
    await waitFor(() => origin.requests.length === 2);
    await engine.close();
    expect(await codes).toEqual(['FETCHER_CLOSED', 'FETCHER_CLOSED']);
    await waitFor(() => proxy.open === 0);
  });
});

test('directly, a fresh request has a connection to itself and resumes no TLS session', async () => {
  trustSelfSigned();
  const [plain, secure] = await Promise.all([hello(), startTlsOrigin()]);
  const engine = openEngine(loopback);
  await get(engine, plain.url, routeOf(undefined));
  for (let each = 0; each < 3; each += 1) await get(engine, plain.url, routeOf(undefined, true));
  expect(plain.connections).toBe(4);
  await get(engine, plain.url, routeOf(undefined));
  expect(plain.connections).toBe(4);

  const url = `https://localhost:${secure.port}/`;
  await get(engine, url, routeOf(undefined));
  for (let each = 0; each < 3; each += 1)
    expect(await get(engine, url, routeOf(undefined, true))).toBe('localhost new');
});

test('a fresh request is guarded like any other', async () => {
  const origin = await hello();
  expect(await codeOf(get(openEngine(), `http://a.test:${origin.port}/`, routeOf(undefined, true)))).toBe('ENOTFOUND');
});

test('a fresh request that is interrupted, or whose body is not read, leaves no connection', async () => {
  const reason = new Error('over');
  const sockets = new Set<Socket>();
  const origin = await startOrigin((req, res) => {
    sockets.add(req.socket);
    req.socket.on('close', () => sockets.delete(req.socket));
    if (req.url === '/body') res.end(Buffer.alloc(5_000_000));
  });
  const engine = openEngine();
  const attempt = attemptOf();
  const getting = get(engine, `${origin.url}/`, routeOf(undefined, true), attempt);
  await waitFor(() => origin.requests.length === 1);
  attempt.onInterrupt?.(reason);
  await expect(getting).rejects.toBe(reason);
  await waitFor(() => sockets.size === 0);

  const request = { method: 'GET', headers: [], body: undefined, deviceType: 'desktop' } as const;
  const url = new URL(`${origin.url}/body`);
  const { body } = await engine.send({ ...request, url }, attemptOf(), routeOf(undefined, true));
  expect(sockets.size).toBe(1);
  body.abandon();
  await waitFor(() => sockets.size === 0);
});

test('the word direct means no proxy', async () => {
  const origin = await hello();
  const direct = (await startConnectProxy()).asProxy({ kind: 'direct', host: '', port: 0 });
  const engine = openEngine();
  expect(await get(engine, origin.url, routeOf(direct))).toBe('hello');
  expect(await get(engine, origin.url, routeOf(direct, true))).toBe('hello');
});

test('each user of one address has tunnels of their own', async () => {
  const [origin, proxy] = await Promise.all([hello(), startConnectProxy()]);
  const engine = openEngine();
  for (const id of ['one', 'two', 'one', 'two'])
    await get(engine, `http://target.test:${origin.port}/`, routeOf(proxy.asProxy({ id, username: id })));
  expect(proxy.connections).toBe(2);
});

test('a target without a port is asked for at the port of its scheme', async () => {
  const proxy = await startConnectProxy({ instead: (client) => client.end('HTTP/1.1 403 No\r\n\r\n') });
  const engine = openEngine();
  for (const url of ['http://target.test/', 'https://target.test/'])
    expect(await codeOf(get(engine, url, routeOf(proxy.asProxy())))).toBe('PROXY_REFUSED');
  expect(proxy.targets).toEqual(['target.test:80', 'target.test:443']);
});

test('an interruption while the proxy keeps us waiting comes out with its reason', async () => {
  const proxy = await startConnectProxy({ instead: () => undefined });
  const attempt = attemptOf();
  const getting = get(openEngine(), 'http://target.test/', routeOf(proxy.asProxy()), attempt);
  await waitFor(() => proxy.targets.length === 1);
  const reason = new Error('over');
  attempt.onInterrupt?.(reason);
  await expect(getting).rejects.toBe(reason);
});

test.each([
  ['is not there', 'PROXY_UNREACHABLE', async () => startConnectProxy().then((proxy) => (proxy.close(), proxy))],
  ['wants other credentials', 'PROXY_AUTH_FAILED', () => startConnectProxy({ credentials: 'other:one' })],
  ['refuses', 'PROXY_REFUSED', () => startConnectProxy({ instead: (it) => it.end('HTTP/1.1 403 No\r\n\r\n') })],
  ['talks garbage', 'PROXY_PROTOCOL', () => startConnectProxy({ instead: (it) => it.end('220 mail.test ESMTP\r\n') })],
])('each request of many through a proxy that %s ends as %s, without its password', async (_name, code, start) => {
  const proxy = (await start()).asProxy({ username: 'user', password: 'secret-word' });
  const engine = openEngine();
  const routes = [routeOf(proxy), routeOf(proxy), routeOf(proxy), routeOf(proxy), routeOf(proxy, true)];
  const errors = await Promise.all(
    routes.map((route) => get(engine, 'https://target.test/', route).catch((error: unknown) => error)),
  );
  expect(errors.map(networkCodeOf)).toEqual(Array(5).fill(code));
  for (const error of errors) {
    const text = inspect(error, { depth: 10, showHidden: true });
    expect(text).not.toContain('secret-word');
    expect(text).not.toContain(Buffer.from('user:secret-word').toString('base64'));
  }
});

test('a proxy that says yes and then talks garbage instead of TLS is found out', async () => {
  const instead = (client: Socket) => void client.end('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>');
  const proxy = await startConnectProxy({ instead });
  expect(await codeOf(get(openEngine(), 'https://target.test/', routeOf(proxy.asProxy())))).toMatch(/^ERR_SSL_/);
});

test('a proxy that drops the tunnel midway ends the page, which is not taken for whole', async () => {
  const origin = await startOrigin((_req, res) => res.end(Buffer.alloc(2_000_000)));
  const proxy = await startConnectProxy({ cutAfterBytes: 500_000 });
  const getting = get(openEngine(), `http://target.test:${origin.port}/`, routeOf(proxy.asProxy()));
  expect(await codeOf(getting)).toBe('CONNECTION_CLOSED');
  await waitFor(() => proxy.open === 0);
});

test('no more tunnels than connections per host are open to one origin', async () => {
  const origin = await startOrigin(faults.stalledHeaders());
  const proxy = await startConnectProxy();
  const engine = openEngine();
  const gettings = Array.from({ length: 6 }, () =>
    codeOf(get(engine, `http://target.test:${origin.port}/`, routeOf(proxy.asProxy()))),
  );
  await waitFor(() => origin.requests.length === 2);
  await engine.close();
  expect(await Promise.all(gettings)).toEqual(Array(6).fill('FETCHER_CLOSED'));
  expect(proxy.connections).toBe(2);
});
