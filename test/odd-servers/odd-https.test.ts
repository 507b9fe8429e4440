import { closeEngines, openEngine, send, textOf } from '../fetch/engines/impersonate-fixture';
import { fetchOnce, openFetcher, pageOf } from '../fetch/fetch-fixture';
import { selfSigned, trustSelfSigned } from '../fetch/proxies/self-signed';
import { headerValue } from '../../src/http/header-value';
import { locationUrl } from '../../src/fetch/next-request';
import { ODD_HEADS } from './odd-heads';
import { startOddServer } from './odd-server';

afterAll(closeEngines);

const SOME = [
  'lines that end with LF only',
  'a line without a colon',
  'Content-Length beside chunked, which wins',
  '100 Continue nobody asked for',
  'HTTP/1.2',
  '250 kB of headers in 250 lines',
  'padded chunk sizes',
];

test.each(ODD_HEADS.filter(({ name }) => SOME.includes(name)))('$name, under TLS', async ({ answer, seen }) => {
  trustSelfSigned();
  const server = await startOddServer(() => answer, { tls: selfSigned });
  for (const method of ['GET', 'POST']) {
    const page = pageOf(await fetchOnce(openFetcher(), `https://127.0.0.1:${server.port}/`, { method }));
    expect([page.statusCode, page.body.toString('latin1')]).toEqual(seen);
  }
  expect(server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
});

test('the impersonating engine gives the bytes of a Location as they came', async () => {
  const answer = Buffer.from(
    'HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nX-U: \xc3\xa9\r\nContent-Length: 4\r\n\r\npage',
    'latin1',
  );
  const server = await startOddServer(() => answer, { tls: selfSigned });
  const engine = await openEngine({ ignoreTlsErrors: true });
  const { headers, body } = await send(engine, `https://127.0.0.1:${server.port}/`);
  expect(await textOf(body)).toBe('page');
  expect(locationUrl(headerValue(headers, 'location') ?? '', new URL('https://a.test/'))?.pathname).toBe('/caf%E9');
});
