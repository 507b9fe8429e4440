import { request } from 'undici';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let url: string;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

beforeEach(async () => {
  const origin = await startOrigin((_req, res) => {
    res.setHeader('content-type', 'text/html; charset=utf-8').end('<h1>Grüße 🎈\u2028</h1>');
  });
  const { body: job } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  url = `${service.url}/jobs/${job.id}`;
  await waitFor(async () => (await service.call('GET', `/jobs/${job.id}`)).body.status === 'finished');
});

const etag = (): string => `"${url.slice(-36)}"`;

test('a finished job is answered with exactly these headers, in this order', async () => {
  const { statusCode, headers, body } = await request(url);
  const text = await body.text();
  expect(statusCode).toBe(200);
  expect(Object.keys(headers)).toEqual([
    'x-request-id',
    'etag',
    'content-type',
    'content-length',
    'date',
    'connection',
    'keep-alive',
  ]);
  expect(headers).toMatchObject({
    etag: etag(),
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  });
  expect(JSON.parse(text).response.body).toBe('<h1>Grüße 🎈\u2028</h1>');
});

test('HEAD gives the same headers about the body and no body', async () => {
  const get = await request(url);
  await get.body.dump();
  const head = await request(url, { method: 'HEAD' });
  expect(await head.body.text()).toBe('');
  for (const name of ['etag', 'content-type', 'content-length']) expect(head.headers[name]).toBe(get.headers[name]);
});

test.each([
  ['its own ETag', () => ({ 'if-none-match': etag() }), 304],
  ['its own ETag, weakly', () => ({ 'if-none-match': `"other", W/${etag()}` }), 304],
  ['any ETag', () => ({ 'if-none-match': '*' }), 304],
  ['another ETag', () => ({ 'if-none-match': '"other"' }), 200],
  ['the ETag of the answer without a body', () => ({ 'if-none-match': `"${url.slice(-36)}-head"` }), 200],
  ['a date', () => ({ 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() }), 200],
] as const)('a request that knows %s', async (_name, headers, expected) => {
  const { statusCode, headers: answered, body } = await request(url, { headers: headers() });
  const text = await body.text();
  expect(statusCode).toBe(expected);
  expect(answered['etag']).toBe(etag());
  if (expected === 304) expect(text).toBe('');
  else expect(answered['content-length']).toBe(String(Buffer.byteLength(text)));
});

test('response=false leaves the body out and has an ETag of its own', async () => {
  const { headers, body } = await request(`${url}?response=false`);
  expect(headers['etag']).toBe(`"${url.slice(-36)}-head"`);
  expect(await body.json()).toMatchObject({ status: 'finished', response: { statusCode: 200 } });
});
