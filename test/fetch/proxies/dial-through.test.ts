import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { dialThrough } from '../../../src/fetch/proxies/dial-through';
import { ProxyError } from '../../../src/fetch/proxies/proxy';
import type { Proxy } from '../../../src/fetch/proxies/proxy';
import { startConnectProxy, startProxy } from '../../support/connect-proxy';
import type { TestProxy } from '../../support/connect-proxy';
import { startOrigin } from '../../support/origin';
import { startRelay } from '../../support/relay';
import { startSocksServer } from '../../support/socks-server';
import { waitFor } from '../../support/wait-for';
import { selfSigned, trustSelfSigned } from './self-signed';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function dial(proxy: Proxy, host: string, port: number, timeoutMs = 5_000): Promise<Socket> {
  const socket = await dialThrough(proxy, { host, port }, { timeoutMs });
  sockets.push(socket);
  return socket;
}

/** Asks for `/` over an open tunnel. */
async function get(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const failureOf = async (proxy: Proxy, timeoutMs?: number): Promise<ProxyError> => {
  const error: unknown = await dial(proxy, 'target.test', 80, timeoutMs).catch((reason: unknown) => reason);
  if (!(error instanceof ProxyError)) throw new Error(`not a ProxyError: ${inspect(error)}`);
  return error;
};

const hello = () => startOrigin((_req, res) => res.end('hello'));
const NAME = 'us:er€';
const SECRET = 'p@ss:w%rd /#?€';

describe.each([
  ['CONNECT', startConnectProxy, (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`],
  [
    'SOCKS5',
    startSocksServer,
    (host: string, port: number) =>
      host.includes(':') ? `ipv6 ${'0'.repeat(31)}1:${port}` : `${/^\d/.test(host) ? 'ipv4' : 'name'} ${host}:${port}`,
  ],
])('%s', (kind, start: () => Promise<TestProxy>, written) => {
  test.each(['127.0.0.1', 'only-the-proxy-knows.test', '::1'])('%s is connected to as it is written', async (host) => {
    const [origin, proxy] = await Promise.all([hello(), start()]);
    expect(await get(await dial(proxy.asProxy(), host, origin.port))).toMatch(/^HTTP\/1.1 200 [^]*hello$/);
    expect(proxy.targets).toEqual([written(host, origin.port)]);
  });

  test('a target that cannot be reached is a refusal, and leaves no connection', async () => {
    const origin = await hello();
    await origin.close();
    const proxy = await start();
    const error: unknown = await dial(proxy.asProxy(), 'target.test', origin.port).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'PROXY_REFUSED', stage: 'tunnel', proxyId: proxy.asProxy().id });
    await waitFor(() => proxy.open === 0);
  });

  test('a proxy that is not there is unreachable', async () => {
    const proxy = await start();
    await proxy.close();
    const error = await failureOf(proxy.asProxy());
    expect(error).toMatchObject({ code: 'PROXY_UNREACHABLE', stage: 'connect', cause: { code: 'ECONNREFUSED' } });
  });

  test('a host that could not be written down is not asked for', async () => {
    const proxy = await start();
    for (const host of ['', 'a b', 'a\r\nX-Injected: 1', 'a'.repeat(256), 'é.test'])
      await expect(dial(proxy.asProxy(), host, 80)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(proxy.connections).toBe(0);
  });

  test('an abort ends it at once with the reason of the signal', async () => {
    const silent = kind === 'CONNECT' ? startConnectProxy : startSocksServer;
    const proxy = await silent({ instead: () => undefined });
    const abort = new AbortController();
    const options = { timeoutMs: 5_000, signal: abort.signal };
    const dialling = dialThrough(proxy.asProxy(), { host: 'target.test', port: 80 }, options);
    await waitFor(() => proxy.targets.length === 1);
    abort.abort(new Error('enough'));
    await expect(dialling).rejects.toThrow('enough');
    await waitFor(() => proxy.open === 0);
    await expect(dialThrough(proxy.asProxy(), { host: 'target.test', port: 80 }, options)).rejects.toThrow('enough');
    expect(proxy.connections).toBe(1);
  });
});

test.each([
  ['user name and password', 'user', SECRET],
  ['a user name alone', 'user', undefined],
  ['a password alone', '', SECRET],
])('%s open a CONNECT proxy', async (_name, username, password) => {
  const origin = await hello();
  const proxy = await startConnectProxy({ credentials: `${username}:${password ?? ''}` });
  expect(await get(await dial(proxy.asProxy({ username, password }), 'target.test', origin.port))).toContain('hello');
});

test.each([
  ['user name and password', NAME, SECRET],
  ['a user name alone', NAME, undefined],
  ['both as long as they can be', 'u'.repeat(255), 'p'.repeat(255)],
])('%s open a SOCKS5 proxy', async (_name, username, password) => {
  const origin = await hello();
  const proxy = await startSocksServer({ username, ...(password !== undefined && { password }) });
  expect(await get(await dial(proxy.asProxy({ username, password }), 'target.test', origin.port))).toContain('hello');
});

test('a SOCKS5 proxy that wants no password gets none', async () => {
  const [origin, proxy] = await Promise.all([hello(), startSocksServer()]);
  const known = proxy.asProxy({ username: NAME, password: SECRET });
  expect(await get(await dial(known, 'target.test', origin.port))).toContain('hello');
});

test.each([1, 3, 4] as const)('a bound address of type %d does not end up in the tunnel', async (boundType) => {
  const [origin, proxy] = await Promise.all([hello(), startSocksServer({ boundType })]);
  expect(await get(await dial(proxy.asProxy(), 'target.test', origin.port))).toMatch(/^HTTP/);
});

test.each([
  ['CONNECT, wrong', () => startConnectProxy({ credentials: 'user:right' }), 407],
  ['CONNECT, none', () => startConnectProxy({ credentials: 'user:right' }), 407],
  ['SOCKS5, wrong', () => startSocksServer({ username: 'user', password: 'right' }), undefined],
  ['SOCKS5, none', () => startSocksServer({ username: 'user', password: 'right' }), undefined],
  ['SOCKS5, not wanted', () => startSocksServer({ acceptsNobody: true }), undefined],
])('credentials that are not accepted (%s) are told as such', async (name, start, statusCode) => {
  const proxy = await start();
  const credentials = name.endsWith('none') ? {} : { username: 'user', password: 'secret-word' };
  const error = await failureOf(proxy.asProxy(credentials));
  expect(error).toMatchObject({ code: 'PROXY_AUTH_FAILED', stage: 'auth', statusCode });
  expect(inspect(error, { depth: 10 })).not.toContain('secret-word');
  expect(inspect(error, { depth: 10 })).not.toContain(Buffer.from('user:secret-word').toString('base64'));
});

test.each([400, 403, 502, 503])('a %d to CONNECT is a refusal with its status', async (statusCode) => {
  const proxy = await startConnectProxy({ instead: (client) => client.end(`HTTP/1.1 ${statusCode} No\r\n\r\n`) });
  expect(await failureOf(proxy.asProxy())).toMatchObject({ code: 'PROXY_REFUSED', statusCode });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 99])('reply %d of SOCKS5 is a refusal', async (reply) => {
  const proxy = await startSocksServer({ reply });
  expect(await failureOf(proxy.asProxy())).toMatchObject({ code: 'PROXY_REFUSED', stage: 'tunnel' });
});

const answers = (text: string) => (client: Socket) => void client.write(text);

test.each([
  ['something else', answers('SSH-2.0-OpenSSH_9.6\r\n')],
  ['another version', answers('HTTP/2 200\r\n\r\n')],
  ['no status', answers('HTTP/1.1 OK\r\n\r\n')],
  ['a head that is too large', answers(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`)],
  ['a head without end', answers(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(17_000)}`)],
  ['informational answers without end', answers('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000))],
  ['half a head and the end', (client: Socket) => void client.end('HTTP/1.1 200 OK\r\n')],
])('%s in answer to CONNECT is not the protocol', async (_name, instead) => {
  const proxy = await startConnectProxy({ instead });
  expect(await failureOf(proxy.asProxy())).toMatchObject({ code: 'PROXY_PROTOCOL', stage: 'handshake' });
  await waitFor(() => proxy.open === 0);
});

test.each([
  ['another version', [4, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
  ['an unknown type of address', [5, 0, 0, 9, 0, 0, 0, 0, 0, 0]],
])('%s in answer of SOCKS5 is not the protocol', async (_name, bytes) => {
  const proxy = await startSocksServer({ instead: (client) => client.write(Uint8Array.from(bytes)) });
  expect(await failureOf(proxy.asProxy())).toMatchObject({ code: 'PROXY_PROTOCOL' });
});

test.each([
  ['another version', [4, 0]],
  ['a way to sign in that was not offered', [5, 1]],
  ['HTTP', [...Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
])('%s in greeting of SOCKS5 is not the protocol, and the target is not named', async (_name, bytes) => {
  let received = '';
  const proxy = await startProxy('socks5', undefined, async (client) => {
    client.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    client.write(Uint8Array.from(bytes));
  });
  expect(await failureOf(proxy.asProxy())).toMatchObject({ code: 'PROXY_PROTOCOL' });
  await waitFor(() => proxy.open === 0);
  expect(received).not.toContain('target.test');
});

test('one kind of proxy taken for the other is not the protocol', async () => {
  const [http, socks] = await Promise.all([startConnectProxy(), startSocksServer()]);
  const wrong = await failureOf(http.asProxy({ kind: 'socks5' }), 200);
  expect(wrong.code).toBe('PROXY_PROTOCOL');
  expect((await failureOf(socks.asProxy({ kind: 'http' }), 200)).proxyId).toBe(socks.asProxy().id);
});

test('a proxy that drips is given up when the time is over, whatever has come', async () => {
  const timers: NodeJS.Timeout[] = [];
  const drip = (client: Socket) => {
    const text = `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(10_000)}`;
    let sent = 0;
    timers.push(setInterval(() => client.write(text[sent++] ?? 'x'), 5));
  };
  const proxy = await startConnectProxy({ instead: drip });
  expect(await failureOf(proxy.asProxy(), 150)).toMatchObject({ code: 'PROXY_PROTOCOL' });
  await waitFor(() => proxy.open === 0);
  timers.forEach(clearInterval);
});

test.each([
  ['says nothing', () => undefined],
  ['closes', (client: Socket) => void client.end()],
  ['resets', (client: Socket) => void client.resetAndDestroy()],
])('a proxy that %s once it knows the target has refused: it may be the target', async (_name, instead) => {
  for (const start of [startConnectProxy, startSocksServer])
    expect(await failureOf((await start({ instead })).asProxy(), 200)).toMatchObject({ code: 'PROXY_REFUSED' });
});

test.each([
  ['an informational answer before', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['another 2xx with a length, which means nothing', 'HTTP/1.0 204 \r\ncontent-length: 5\r\n\r\n'],
  ['bare line feeds', 'HTTP/1.1 200 OK\nvia: x\n\n'],
])('%s opens the tunnel, and not a byte is lost', async (_name, head) => {
  const instead = (client: Socket) => {
    client.write(head);
    client.end('first words of the target');
  };
  const proxy = await startConnectProxy({ instead });
  let text = '';
  for await (const chunk of await dial(proxy.asProxy(), 'target.test', 80)) text += String(chunk);
  expect(text).toBe('first words of the target');
});

test('an https proxy with a certificate that nobody vouches for is not spoken to', async () => {
  const proxy = await startConnectProxy({ tls: selfSigned });
  const error = await failureOf(proxy.asProxy({ username: 'user', password: 'secret-word' }));
  expect(error).toMatchObject({ code: 'PROXY_UNREACHABLE', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  expect(proxy.targets).toEqual([]);
});

test('an https proxy hides credentials and target from the wire', async () => {
  trustSelfSigned();
  let wire = '';
  const [origin, proxy] = await Promise.all([hello(), startConnectProxy({ tls: selfSigned, credentials: 'a:b' })]);
  const relay = await startRelay(proxy.port, { up: (bytes) => ((wire += bytes.toString('latin1')), bytes) });
  const port = Number(new URL(relay.url).port);
  for (const host of ['localhost', '127.0.0.1']) {
    const known = proxy.asProxy({ host, port, username: 'a', password: 'b' });
    expect(await get(await dial(known, 'target.test', origin.port))).toContain('hello');
  }
  await relay.close();
  expect(wire).not.toMatch(/target\.test|YTpi/);
  expect(proxy.targets).toHaveLength(2);
});

test('a failure after the tunnel is open does not end the process', async () => {
  const [origin, proxy] = await Promise.all([hello(), startConnectProxy()]);
  const socket = await dial(proxy.asProxy(), 'target.test', origin.port);
  socket.destroy(new Error('nobody listens'));
  await waitFor(() => proxy.open === 0);
});

test('a direct route is not dialled here', async () => {
  const proxy = (await startConnectProxy()).asProxy({ kind: 'direct' });
  await expect(dial(proxy, 'target.test', 80)).rejects.toThrow(TypeError);
});

test('the wire shows what a proxy needs, and no more', async () => {
  let head = '';
  const proxy = await startConnectProxy();
  const relay = await startRelay(proxy.port, { up: (bytes) => ((head += bytes.toString('latin1')), bytes) });
  const port = Number(new URL(relay.url).port);
  const origin = await hello();
  await dial(proxy.asProxy({ port, username: 'a', password: 'b' }), 'target.test', origin.port);
  await relay.close();
  expect(head).toBe(
    `CONNECT target.test:${origin.port} HTTP/1.1\r\nHost: target.test:${origin.port}\r\n` +
      'Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic YTpi\r\n\r\n',
  );
});
