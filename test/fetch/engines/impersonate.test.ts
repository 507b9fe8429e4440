import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { FetchEngine } from '../../../src/fetch/engines/engine';
import { startConnectProxy } from '../../support/connect-proxy';
import { startOrigin } from '../../support/origin';
import {
  closeEngines,
  namesOf,
  openEngine,
  outcomeOf,
  send,
  startTlsOrigin,
  textOf,
  valueOf,
} from './impersonate-fixture';

let engine: FetchEngine;
beforeAll(async () => {
  engine = await openEngine({ ignoreTlsErrors: true });
});
afterAll(closeEngines);

test('each browser speaks HTTP/2 in its own way, also when both are used in turn', async () => {
  const origin = await startTlsOrigin((_req, res) => res.end('ok'));
  const profiles = ['chrome', 'firefox', 'chrome', 'firefox'] as const;
  for (const profile of profiles) await textOf((await send(engine, origin.url, { profile, cookie: 'a=1' })).body);
  const [chrome, firefox, ...again] = origin.requests.map(({ rawHeaders }) => namesOf(rawHeaders));
  expect(chrome).toEqual([
    ':method', ':authority', ':scheme', ':path', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform', 'upgrade-insecure-requests', 'user-agent',
    'accept', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-user', 'sec-fetch-dest', 'accept-encoding', 'accept-language', 'cookie', 'priority',
  ]);
  expect(firefox).toEqual([
    ':method', ':path', ':authority', ':scheme', 'user-agent', 'accept', 'accept-language', 'accept-encoding', 'cookie',
    'upgrade-insecure-requests', 'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-user', 'priority', 'te',
  ]);
  expect(again).toEqual([chrome, firefox]);
  for (const { rawHeaders } of origin.requests)
    expect(valueOf(rawHeaders, 'accept-encoding')).toBe('gzip, deflate, br, zstd');
}); // prettier-ignore

test('the TLS hello is a browser’s and not that of Node', async () => {
  const hellos: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      hellos.push(bytes);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const profile of ['chrome', 'firefox'] as const)
    await send(engine, `https://127.0.0.1:${port}/`, { profile }).catch(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  const [chrome = [], firefox = []] = hellos.map(cipherSuitesOf);
  expect(isGrease(chrome[0])).toBe(true);
  expect(chrome.slice(1, 4)).toEqual([0x1301, 0x1302, 0x1303]);
  expect(firefox.slice(0, 3)).toEqual([0x1301, 0x1303, 0x1302]);
});

test.each([
  ['gzip', gzipSync('packed')],
  ['deflate', deflateSync('packed')],
  ['br', brotliCompressSync('packed')],
  // RFC 8878, with one raw block: Node 20 cannot make any.
  ['zstd', Buffer.concat([Buffer.from('28b52ffd2006310000', 'hex'), Buffer.from('packed')])],
])('a body in %s arrives unpacked, and its headers do not claim otherwise', async (coding, body) => {
  const headers = { 'content-encoding': coding, 'content-length': body.length, etag: '"x"' };
  const origin = await startTlsOrigin((_req, res) => res.writeHead(200, headers).end(body));
  const answer = await send(engine, origin.url);
  expect(await textOf(answer.body)).toBe('packed');
  expect(namesOf(answer.headers.flat())).not.toContain('content-encoding');
  expect(namesOf(answer.headers.flat())).not.toContain('content-length');
  expect(answer.headers).toContainEqual(['etag', '"x"']);
});

test.each(['gzip, br', 'GZIP', 'identity'])('a body in %s, which impit leaves as it is, keeps its header', async (coding) => {
  const origin = await startTlsOrigin((_req, res) => res.writeHead(200, { 'content-encoding': coding }).end('as it is'));
  const answer = await send(engine, origin.url);
  expect(await textOf(answer.body)).toBe('as it is');
  expect(answer.headers).toContainEqual(['content-encoding', coding]);
}); // prettier-ignore

test('redirects are not followed, and cookies not kept', async () => {
  const cookies = ['a=1; Path=/', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT'];
  const origin = await startTlsOrigin((_req, res) => res.writeHead(302, { location: '/next', 'set-cookie': cookies }).end());
  for (let each = 0; each < 2; each += 1) {
    const answer = await send(engine, origin.url);
    expect(answer).toMatchObject({ statusCode: 302, statusText: 'Found' });
    expect(answer.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual(cookies);
    expect(answer.headers).toContainEqual(['location', '/next']);
    answer.body.abandon();
  }
  expect(origin.requests.map(({ url }) => url)).toEqual(['/', '/']);
  expect(namesOf(origin.requests[1]?.rawHeaders)).not.toContain('cookie');
}); // prettier-ignore

test('early hints are no answer; a 304 and a HEAD have no body and keep their headers', async () => {
  const origin = await startTlsOrigin((req, res) => {
    res.writeEarlyHints({ link: '</style.css>; rel=preload' });
    if (req.method === 'HEAD') res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '123' }).end();
    else res.writeHead(304, { etag: '"x"', 'content-encoding': 'gzip' }).end();
  });
  const notModified = await send(engine, origin.url, { callerHeaders: { 'if-none-match': '"x"' } });
  expect(notModified).toMatchObject({ statusCode: 304 });
  expect(await textOf(notModified.body)).toBe('');
  const head = await send(engine, origin.url, { method: 'HEAD' });
  expect(await textOf(head.body)).toBe('');
  expect(head.headers).toEqual(expect.arrayContaining([['content-encoding', 'gzip'], ['content-length', '123']]));
}); // prettier-ignore

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s goes with its body and its type only', async (method) => {
  const origin = await startTlsOrigin((req, res) => req.on('end', () => res.end()).resume());
  const callerHeaders = { 'content-type': 'text/x-test' };
  await textOf((await send(engine, origin.url, { method, body: 'caf\u00e9', callerHeaders })).body);
  await textOf((await send(engine, origin.url, { method, body: '' })).body);
  expect(origin.requests[0]).toMatchObject({ method, body: 'caf\u00e9' });
  expect(valueOf(origin.requests[0]?.rawHeaders, 'content-type')).toBe('text/x-test');
  expect(namesOf(origin.requests[1]?.rawHeaders)).not.toContain('content-type');
});

test('the caller’s headers go out as given, and keep the browser’s own that contradict them away', async () => {
  const origin = await startTlsOrigin((_req, res) => res.end());
  const callerHeaders = { 'user-agent': 'mine/1', 'X-Euro': Buffer.from('\u20ac').toString('latin1') };
  await textOf((await send(engine, origin.url, { callerHeaders })).body);
  const sent = origin.requests[0]?.rawHeaders ?? [];
  expect(valueOf(sent, 'user-agent')).toBe('mine/1');
  expect(Buffer.from(valueOf(sent, 'x-euro') ?? '', 'latin1').toString()).toBe('\u20ac');
  expect(namesOf(sent).filter((name) => name.startsWith('sec-ch-'))).toEqual([]);
});

test.each([
  ['a GET with a body', { method: 'GET', body: 'x' }],
  ['a method of its own', { method: 'REPORT' }],
  ['a header that is no UTF-8', { callerHeaders: { 'x-latin': 'caf\u00e9' } }],
])('%s, which impit cannot send, is sent all the same', async (_what, options) => {
  const origin = await startTlsOrigin((_req, res) => res.end(), 'HTTP/1.1');
  // The plain engine does not trust this certificate, which shows the test that it was used.
  expect(await outcomeOf(send(engine, origin.url, options))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('without TLS there is nothing to imitate: headers keep their order and case', async () => {
  const origin = await startOrigin((_req, res) => res.end('plain'));
  expect(await textOf((await send(engine, origin.url, { profile: 'firefox' })).body)).toBe('plain');
  expect(namesOf(origin.requests[0]?.rawHeaders).slice(0, 5)).toEqual(['host', 'connection', 'User-Agent', 'Accept', 'Accept-Language']);
}); // prettier-ignore

test.each([
  ['https://10.0.0.1/', 'the address is not public'],
  ['https://metadata.google.internal/', "the name means the cloud's metadata"],
  ['https://[::1]:8443/', 'the address is not public'],
])('%s is forbidden', async (url, reason) => {
  expect(await outcomeOf(send(engine, url))).toMatchObject({ kind: 'forbidden', reason });
});

test('a proxy is gone through, and its failure is told from the target’s', async () => {
  const upstream = await startConnectProxy({ credentials: 'user:right' });
  const origin = await startTlsOrigin((_req, res) => res.end('ok'));
  const right = upstream.asProxy({ username: 'user', password: 'right' });
  expect(await textOf((await send(engine, origin.url, { route: { proxy: right } })).body)).toBe('ok');
  expect(upstream.targets).toEqual([new URL(origin.url).host]);
  const wrong = upstream.asProxy({ username: 'user', password: 'wrong' });
  const outcome = await outcomeOf(send(engine, origin.url, { route: { proxy: wrong } }));
  expect(outcome).toEqual({ kind: 'unreachable', code: 'PROXY_AUTH_FAILED' });
});

test('connections are used again, but not for a fresh request', async () => {
  const origin = await startTlsOrigin((_req, res) => res.end('ok'));
  const get = async (isFresh: boolean) => textOf((await send(engine, origin.url, { route: { isFresh } })).body);
  for (let each = 0; each < 3; each += 1) await get(false);
  expect(origin.connections).toBe(1);
  for (let each = 0; each < 3; each += 1) await get(true);
  expect(origin.connections).toBe(4);
  await get(false);
  expect(origin.connections).toBe(4);
});

test('a certificate that nobody vouches for is not accepted', async () => {
  const strict = await openEngine();
  const origin = await startTlsOrigin((_req, res) => res.end());
  const outcome = await outcomeOf(send(strict, origin.url));
  expect(outcome).toEqual({ kind: 'unreachable', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(origin.requests).toHaveLength(0);
});

/** RFC 8446 §4.1.2: record, message, version, random, session id, then the suites. */
function cipherSuitesOf(hello: Buffer): readonly number[] {
  const sessionIdAt = 5 + 4 + 2 + 32;
  const at = sessionIdAt + 1 + (hello[sessionIdAt] ?? 0);
  const count = hello.readUInt16BE(at) / 2;
  return Array.from({ length: count }, (_, index) => hello.readUInt16BE(at + 2 + 2 * index));
}

/** RFC 8701 §2. */
const isGrease = (suite = 0) => (suite & 0x0f0f) === 0x0a0a && suite >> 8 === (suite & 0xff);
