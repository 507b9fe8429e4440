import { headerProfiles, brandsOf } from '../../../src/fetch/header-profiles';
import { startOrigin } from '../../support/origin';
import { fetchOnce, openFetcher, pageOf } from '../fetch-fixture';

const namesOf = (rawHeaders: readonly string[] = []) => rawHeaders.filter((_, index) => index % 2 === 0);
const ourCodings = headerProfiles.desktop.headers.find(([name]) => name === 'Accept-Encoding')?.[1];
const echo = () => startOrigin((_req, res) => res.end('ok'));

test.each(['desktop', 'mobile'] as const)(
  'the headers of %s are on the wire in their order and case',
  async (deviceType) => {
    const origin = await echo();
    pageOf(
      await fetchOnce(openFetcher(), origin.url, { deviceType, headers: { 'X-Ignored': '1', 'Content-Type': 'a/b' } }),
    );
    const expected = headerProfiles[deviceType].headers.flat();
    expect(origin.requests[0]?.rawHeaders).toEqual([
      'host',
      `127.0.0.1:${origin.port}`,
      'connection',
      'keep-alive',
      ...expected,
    ]);
  },
);

test('a body goes with its type and length', async () => {
  const origin = await echo();
  const headers = { 'Content-Type': 'application/x-test', 'X-Ignored': '1' };
  pageOf(await fetchOnce(openFetcher(), origin.url, { method: 'POST', headers, body: 'caf\u00e9' }));
  expect(origin.requests[0]).toMatchObject({
    body: 'caf\u00e9',
    headers: { 'content-type': 'application/x-test', 'content-length': '5' },
  });
  expect(origin.requests[0]?.headers).not.toHaveProperty('x-ignored');
});

test('kept headers are sent, ours fill what is missing', async () => {
  const origin = await echo();
  const headers = { 'X-First': '1', 'user-agent': 'mine/1', accept: 'text/plain' };
  pageOf(await fetchOnce(openFetcher(), origin.url, { keepHeaders: true, headers }));
  const sent = origin.requests[0];
  expect(sent?.headers).toMatchObject({
    'x-first': '1',
    'user-agent': 'mine/1',
    accept: 'text/plain',
    'accept-encoding': ourCodings,
  });
  expect(namesOf(sent?.rawHeaders).slice(2, 5)).toEqual(['X-First', 'user-agent', 'accept']);
  expect(namesOf(sent?.rawHeaders).filter((name) => /^sec-ch-/i.test(name))).toEqual([]);
});

test('headers that would harm the message are dropped, and none can crash the attempt', async () => {
  const origin = await echo();
  const headers = {
    Host: 'internal.test',
    'Content-Length': '99999',
    'Transfer-Encoding': 'chunked',
    Connection: 'close',
    'Keep-Alive': 'x',
    Upgrade: 'h2c',
    TE: 'trailers',
    Expect: '100-continue',
    'Proxy-Authorization': 'Basic eA==',
    'X-Split': 'a\r\nX-Injected: 1',
    'X-Lf': 'a\nb',
    'X-Nul': 'a\u0000b',
    'bad name': 'x',
    'X-Inj\r\nected': 'x',
    '': 'x',
    'Accept-Encoding': 'compress, gzip',
    'X-Euro': ' \u20ac ',
    'X-Latin': 'caf\u00e9',
  };
  pageOf(await fetchOnce(openFetcher(), origin.url, { keepHeaders: true, headers, method: 'POST', body: 'abc' }));
  const sent = origin.requests[0]?.headers ?? {};
  expect(sent).toMatchObject({
    host: `127.0.0.1:${origin.port}`,
    connection: 'keep-alive',
    'content-length': '3',
    'accept-encoding': ourCodings,
    'x-euro': Buffer.from('\u20ac').toString('latin1'),
    'x-latin': 'caf\u00e9',
  });
  for (const name of [
    'transfer-encoding',
    'keep-alive',
    'upgrade',
    'te',
    'expect',
    'proxy-authorization',
    'x-split',
    'x-injected',
    'x-lf',
    'x-nul',
  ])
    expect(sent).not.toHaveProperty(name);
});

test('connections are used again', async () => {
  const origin = await echo();
  const fetcher = openFetcher();
  for (let each = 0; each < 10; each += 1) pageOf(await fetchOnce(fetcher, origin.url));
  expect(origin.requests).toHaveLength(10);
  expect(origin.connections).toBeLessThanOrEqual(2); // undici may open a second one while the first is being handed back
});

test('the brand list is the one that Chrome of that version sends', () => {
  // Published by Chrome 131 and 124.
  expect(brandsOf(131)).toBe('"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"');
  expect(brandsOf(124)).toBe('"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"');
});

test('headers larger than the limit are an outcome', async () => {
  const origin = await startOrigin((_req, res) => res.writeHead(200, { 'x-long': 'x'.repeat(300_000) }).end());
  expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'unreachable', code: 'HEADERS_TOO_LARGE' });
});
