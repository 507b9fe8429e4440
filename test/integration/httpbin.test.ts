import { presentResponse } from '../../src/pages/present-response';
import type { JobResponse } from '../../src/jobs/job-object-schema';
import type { FetchRequest } from '../../src/jobs/fetch-outcome';
import { createFetcher } from '../../src/fetch/create-fetcher';
import { requestOf } from '../fetch/request-of';
import { startHttpbin } from '../support/httpbin';
import type { Httpbin } from '../support/httpbin';
import { TEST_KEY, startTestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

// What the service gives of a page is what anybody gets who fetches it: httpbin is asked by both.

const fetcher = createFetcher({ allowPrivateTargets: ['127.0.0.1/32'], attemptTimeoutMs: 20_000 });
let httpbin: Httpbin | undefined;
beforeAll(async () => {
  httpbin = await startHttpbin();
}, 300_000);
afterAll(async () => {
  await httpbin?.stop();
  await fetcher.close();
});

type Response = Pick<JobResponse, 'statusCode' | 'headers' | 'body' | 'base64EncodedBody'>;

async function ours(url: string, rest: Partial<FetchRequest> = {}): Promise<Response> {
  const fetching = { attempt: 1, signal: new AbortController().signal };
  const outcome = await fetcher.fetchPage(requestOf(url, rest), fetching);
  if (outcome.kind !== 'page') throw new Error(`${url}: ${JSON.stringify(outcome)}`);
  const { page } = outcome;
  page.release();
  const record = { ...page, targetUri: page.finalUrl, isConverted: false };
  return presentResponse({ record, isBinaryTarget: rest.isBinaryTarget ?? false, withBody: true, maxBytes: 1e7 });
}

/** Fetches with Node's own `fetch`, and returns the answer in the form of the service. */
async function direct(
  url: string,
  { method = 'GET', headers = {}, body, followRedirects = true }: Partial<FetchRequest> = {},
) {
  const response = await fetch(url, {
    method,
    headers,
    body: body ?? null,
    redirect: followRedirects ? 'follow' : 'manual',
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), bytes, finalUrl: response.url };
}

const LEFT_OUT = ['connection', 'date', 'keep-alive', 'set-cookie', 'transfer-encoding', 'content-encoding'];
/** What httpbin has seen of the request differs between two clients, and with it the length. */
const isEcho = (text: string) => /"(headers|user-agent)": [{"]/.test(text);
const withoutEcho = (text: string) =>
  text
    .split(/\n(?=\{)/) // one object, or one a line
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ headers: _headers, 'user-agent': _agent, ...rest }) => rest);

/** The service gives a page that is declared as JSON as the value itself. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

function expectSame(response: Response, wanted: Awaited<ReturnType<typeof direct>>): void {
  const text = wanted.bytes.toString('utf8');
  const isDecoded = wanted.headers['content-encoding'] !== undefined;
  const dropped = [...LEFT_OUT, ...(isDecoded || isEcho(text) ? ['content-length'] : [])];
  const kept = (headers: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.includes(name) && !name.startsWith('sa-')));
  expect(response.statusCode).toBe(wanted.statusCode);
  expect(kept(response.headers)).toEqual(kept(wanted.headers));
  expect(response.headers['sa-final-url']?.replace(/#.*/, '')).toBe(wanted.finalUrl); // fetch forgets the fragment
  expect(response.headers['sa-statuscode']).toBe(String(wanted.statusCode));
  if (typeof response.base64EncodedBody === 'string')
    expect(Buffer.from(response.base64EncodedBody, 'base64').equals(wanted.bytes)).toBe(true);
  else if (isEcho(text)) expect(withoutEcho(textOf(response.body))).toEqual(withoutEcho(text));
  else if (typeof response.body === 'object') expect(response.body).toEqual(JSON.parse(text));
  else expect(response.body).toBe(text);
}

/** @returns undefined where there is no httpbin, which has been said */
async function compare(path: string, rest: Partial<FetchRequest> = {}): Promise<Response | undefined> {
  if (httpbin === undefined) return undefined;
  const url = `${httpbin.url}${path}`;
  const response = await ours(url, { keepHeaders: rest.headers !== undefined, ...rest });
  expectSame(response, await direct(url, rest));
  return response;
}

test.each([
  ...[200, 201, 202, 203, 204, 206, 304, 404, 410].map((status) => `/status/${status}`),
  ...['/html', '/xml', '/json', '/robots.txt', '/deny', '/encoding/utf8', '/base64/R3LDvMOfZQ==', '/links/5/2'],
  ...['/get?a=1&a=2&b=%C3%BC%20%2F', '/user-agent', '/gzip', '/deflate', '/brotli'],
  ...['/stream/5', '/drip?numbytes=20&duration=0&code=200', '/cache/60', '/etag/abc'],
  '/response-headers?x-one=1&x-two=a&x-two=b&content-type=text/plain%3B%20charset%3Dutf-8',
])('%s', async (path) => {
  const response = await compare(path);
  if (response !== undefined && !path.startsWith('/drip')) expect(response.body).toEqual(expect.any(String));
});

test.each(['png', 'jpeg', 'webp'])('/image/%s', async (kind) => {
  const response = await compare(`/image/${kind}`);
  if (response !== undefined) expect(response.base64EncodedBody).toEqual(expect.any(String));
});

test('/image/svg is text', async () => {
  const response = await compare('/image/svg');
  if (response !== undefined) expect(response.body).toMatch(/<svg/);
});

test.each(['/bytes/5000?seed=7', '/stream-bytes/5000?seed=7&chunk_size=700', '/range/2000', '/bytes/0'])('%s', (path) =>
  compare(path),
);

test.each(['bytes=10-29', 'bytes=-5', 'bytes=1990-'])('a range, %s', async (range) => {
  const response = await compare('/range/2000', { headers: { range } });
  if (response !== undefined) expect(response.statusCode).toBe(206);
});

test.each([
  ...['/redirect/1', '/redirect/5', '/relative-redirect/3', '/absolute-redirect/3', '/links/3'],
  ...[301, 302, 303, 307, 308].map((status) => `/redirect-to?url=%2Fget%3Fa%3D1&status_code=${status}`),
  '/redirect-to?url=..%2Fhtml%23part',
])('the end of %s', (path) => compare(path));

test.each(['/redirect/2', '/redirect-to?url=%2Fget&status_code=308'])('%s itself, when redirects are off', (path) =>
  compare(path, { followRedirects: false }),
);

const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=%C3%BC&a=2' };
const JSON_BODY = { headers: { 'content-type': 'application/json' }, body: '{"a":["ü",1]}' };

test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s with a body', async (method) => {
  for (const rest of [FORM, JSON_BODY]) {
    const response = await compare(`/${method.toLowerCase()}?q=1`, { method, ...rest });
    if (response !== undefined) expect(JSON.parse(String(response.body))).toMatchObject({ args: { q: '1' } });
  }
});

test.each([
  [301, 'GET'],
  [302, 'GET'],
  [303, 'GET'],
  [307, 'POST'],
  [308, 'POST'],
])('a POST that is redirected with %d ends as %s', async (status, method) => {
  const path = `/redirect-to?url=%2Fanything&status_code=${status}`;
  const response = await compare(path, { method: 'POST', ...JSON_BODY });
  if (response === undefined) return;
  expect(JSON.parse(String(response.body))).toMatchObject({ method, data: method === 'POST' ? JSON_BODY.body : '' });
});

test('a HEAD has the headers and an empty body', async () => {
  if (httpbin === undefined) return;
  const url = `${httpbin.url}/get`;
  const wanted = await direct(url, { method: 'HEAD' });
  // The length is that of another body, and left out.
  const { 'content-length': _length, ...headers } = wanted.headers;
  expectSame(await ours(url, { method: 'HEAD' }), { ...wanted, headers });
});

test('cookies that are set on the way are sent on the way', async () => {
  if (httpbin === undefined) return;
  const { url } = httpbin;
  const response = await ours(`${url}/cookies/set?flavour=oat&size=2`);
  expectSame(response, await direct(`${url}/cookies`, { headers: { cookie: 'flavour=oat; size=2' } }));
  expect(JSON.parse(String(response.body))).toEqual({ cookies: { flavour: 'oat', size: '2' } });
  // Nothing stays for the next.
  expect(JSON.parse(String((await ours(`${url}/cookies`)).body))).toEqual({ cookies: {} });
});

test('user and password in the URL are sent as Basic authorization', async () => {
  if (httpbin === undefined) return;
  const url = `${httpbin.url}/basic-auth/me/p%40ss`;
  const headers = { authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` };
  expectSame(await ours(url.replace('http://', 'http://me:p%40ss@')), await direct(url, { headers }));
});

test.each([400, 401, 403, 418, 429, 500, 502, 503])(
  '%d is no page, with the status that everybody gets',
  async (status) => {
    if (httpbin === undefined) return;
    const url = `${httpbin.url}/status/${status}`;
    const fetching = { attempt: 1, signal: new AbortController().signal };
    const { statusCode } = await direct(url);
    const kind = status === 429 || status === 503 ? 'throttled' : 'refused';
    expect(await fetcher.fetchPage(requestOf(url), fetching)).toEqual({ kind, statusCode });
  },
);

test('the whole service gives the same', async () => {
  if (httpbin === undefined) return;
  const { url } = httpbin;
  const service = await startTestService();
  try {
    const asked: readonly (readonly [path: string, job: object, rest: Partial<FetchRequest>])[] = [
      ['/html', {}, {}],
      ['/encoding/utf8', {}, {}],
      ['/gzip', {}, {}],
      ['/brotli', {}, {}],
      ['/image/png', {}, {}],
      ['/redirect/3', {}, {}],
      ['/status/404', {}, {}],
      ['/redirect/2', { apiParams: { follow_redirect: false } }, { followRedirects: false }],
      [
        '/range/100',
        { headers: { range: 'bytes=5-9' }, apiParams: { keep_headers: true } },
        { headers: { range: 'bytes=5-9' } },
      ],
      ['/post', { method: 'POST', ...JSON_BODY }, { method: 'POST', ...JSON_BODY }],
    ];
    await Promise.all(
      asked.map(async ([path, job, rest]) => {
        const submitted = { apiKey: TEST_KEY, url: `${url}${path}`, ...job };
        const { body } = await service.call('POST', '/jobs', submitted);
        const ended = await waitFor(async () => {
          const { body: now } = await service.call('GET', `/jobs/${body.id}`);
          return now.status === 'running' ? undefined : now;
        });
        expect([path, ended.status]).toEqual([path, 'finished']);
        expectSame(ended.response, await direct(`${url}${path}`, rest));
      }),
    );
  } finally {
    await service.stop();
  }
});
