import { gzipSync } from 'node:zlib';
import { faults, startOrigin } from '../support/origin';
import { fetchOnce, openFetcher, pageOf } from './fetch-fixture';

test('redirects are followed to a page, relative and in UTF-8 too', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/start')
      res.writeHead(302, { location: Buffer.from('sub/\u00e9?q=1', 'utf8').toString('latin1') }).end();
    else res.end('here');
  });
  expect(pageOf(await fetchOnce(openFetcher(), `${origin.url}/start`)).finalUrl).toBe(`${origin.url}/sub/%C3%A9?q=1`);
});

test('twenty redirects are followed, one more is not', async () => {
  const origin = await startOrigin((req, res) => {
    const left = Number(req.url?.slice(1));
    if (left === 0) res.end('there');
    else res.writeHead(301, { location: `/${left - 1}` }).end();
  });
  const fetcher = openFetcher();
  expect(pageOf(await fetchOnce(fetcher, `${origin.url}/20`)).finalUrl).toBe(`${origin.url}/0`);
  expect(await fetchOnce(fetcher, `${origin.url}/21`)).toEqual({ kind: 'too-many-redirects', hops: 21 });
});

test('the same URL again is no loop once it came with a cookie', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.headers.cookie === 'seen=1') res.end('welcome');
    else res.writeHead(302, { location: '/', 'set-cookie': 'seen=1; Path=/' }).end();
  });
  const fetcher = openFetcher();
  expect(pageOf(await fetchOnce(fetcher, origin.url)).body.toString()).toBe('welcome');
  // Attempts share nothing.
  await fetchOnce(fetcher, origin.url);
  expect(origin.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'seen=1', undefined, 'seen=1']);
});

test('the same cookie again is a loop', async () => {
  const origin = await startOrigin(faults.redirectTo('/', 302, { 'set-cookie': 'a=1' }));
  expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'too-many-redirects', hops: 2 });
});

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [302, 'PUT', 'PUT'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
])('%d after %s becomes %s', async (statusCode, method, expected) => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/done') res.end('done');
    else res.writeHead(statusCode, { location: '/done' }).end();
  });
  const headers = { 'Content-Type': 'text/x-test', 'Content-Language': 'en', 'X-Kept': 'yes' };
  pageOf(await fetchOnce(openFetcher(), origin.url, { method, headers, body: 'payload', keepHeaders: true }));
  const [, second] = origin.requests;
  expect(second).toMatchObject({ method: expected, body: expected === 'GET' ? '' : 'payload' });
  expect(second?.headers['content-type']).toBe(expected === 'GET' ? undefined : 'text/x-test');
  expect(second?.headers['content-language']).toBe(expected === 'GET' ? undefined : 'en');
  expect(second?.headers['x-kept']).toBe('yes');
});

test("the caller's credentials stay with their host", async () => {
  const other = await startOrigin((_req, res) => res.end('other'));
  const origin = await startOrigin((req, res) => {
    const location = req.url === '/' ? '/same' : `http://127.0.0.1:${other.port}/`;
    res.writeHead(302, { location, 'set-cookie': 'own=2' }).end();
  });
  const headers = { Authorization: 'Bearer secret', Cookie: 'mine=1; own=1', 'X-Other': 'x' };
  pageOf(await fetchOnce(openFetcher(), origin.url, { headers, keepHeaders: true }));
  expect(origin.requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret', cookie: 'mine=1; own=1' });
  expect(origin.requests[1]?.headers).toMatchObject({ authorization: 'Bearer secret', cookie: 'mine=1; own=2' });
  expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  expect(other.requests[0]?.headers.cookie ?? '').not.toContain('mine');
  expect(other.requests[0]?.headers).toHaveProperty('x-other', 'x');
});

test('a user name in the URL becomes basic authentication for that host only', async () => {
  const other = await startOrigin((_req, res) => res.end('other'));
  const origin = await startOrigin((req, res) => {
    res.writeHead(302, { location: req.url === '/' ? '/same' : `${other.url}/` }).end();
  });
  const page = pageOf(await fetchOnce(openFetcher(), `http://us%C3%A9r:p%40ss%25%@127.0.0.1:${origin.port}/`));
  const expected = `Basic ${Buffer.from('us\u00e9r:p%40ss%25%').toString('base64')}`;
  expect(origin.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected]);
  expect(other.requests[0]?.headers.authorization).toBeUndefined();
  expect(page.finalUrl).toBe(`${other.url}/`);
});

test.each(['ftp://example.com/', 'javascript:alert(1)', 'http://', 'http://[::1', 'file:///etc/passwd'])(
  'a redirect to %s is refused',
  async (location) => {
    const origin = await startOrigin(faults.redirectTo(location, 301));
    expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'refused', statusCode: 301 });
  },
);

test.each([
  ['without a Location', {}],
  ['with an empty Location', { location: '' }],
])('a redirect %s is the result', async (_what, headers) => {
  const origin = await startOrigin((req, res) => res.writeHead(Number(req.url?.slice(1)), headers).end('a page'));
  for (const statusCode of [301, 302, 303, 307, 308]) {
    const page = pageOf(await fetchOnce(openFetcher(), `${origin.url}/${statusCode}`));
    expect([page.statusCode, page.body.toString()]).toEqual([statusCode, 'a page']);
  }
});

test('a 300, 305 or 306 is the result, even with a Location', async () => {
  const origin = await startOrigin((req, res) =>
    res.writeHead(Number(req.url?.slice(1)), { location: '/200' }).end('a page'),
  );
  for (const statusCode of [300, 305, 306])
    expect(pageOf(await fetchOnce(openFetcher(), `${origin.url}/${statusCode}`)).statusCode).toBe(statusCode);
});

test.each(['http://', 'https://[', 'mailto:a@b', 'ftp://127.0.0.1/'])(
  'a redirect to %s is refused',
  async (location) => {
    const origin = await startOrigin((_req, res) => res.writeHead(302, { location }).end());
    expect(await fetchOnce(openFetcher(), origin.url)).toEqual({ kind: 'refused', statusCode: 302 });
  },
);

test('a redirect is the page when redirects are off', async () => {
  const origin = await startOrigin(faults.redirectTo('/next'));
  const page = pageOf(await fetchOnce(openFetcher(), origin.url, { followRedirects: false }));
  expect([page.statusCode, page.headers]).toEqual([302, expect.arrayContaining([['location', '/next']])]);
  expect(origin.requests).toHaveLength(1);
});

test('the body of a redirect is not waited for', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/next') res.end('next');
    else res.writeHead(302, { location: '/next', 'content-encoding': 'gzip' }).write(gzipSync('never ends'));
  });
  expect(pageOf(await fetchOnce(openFetcher(), origin.url)).body.toString()).toBe('next');
});

test('two hosts that redirect to each other never hold a slot while they wait for one', async () => {
  const ports: number[] = [];
  const bounce = () =>
    startOrigin((req, res) => {
      const left = Number(req.url?.slice(1));
      if (left === 0) res.end('done');
      else {
        const host = req.headers.host?.startsWith('localhost') ? '127.0.0.1' : 'localhost';
        res.writeHead(302, { location: `http://${host}:${ports[0]}/${left - 1}` }).end();
      }
    });
  const origin = await bounce();
  ports.push(origin.port);
  const fetcher = openFetcher({ connectionsPerHost: 1 });
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      fetchOnce(fetcher, `http://${index % 2 ? 'localhost' : '127.0.0.1'}:${origin.port}/4`),
    ),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'page'));
});
