import { createJobId } from '../../src/jobs/job-id';
import { countRows } from '../support/count-rows';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ roles: ['api'] });
});
afterAll(() => service.stop());

const rowCount = (): Promise<number> => countRows(service.db.database);

const bad: [string, string, unknown, number, string, string?][] = [
  ['malformed JSON', '/jobs', '{"apiKey":', 400, 'invalid_json'],
  ['an empty body', '/jobs', '', 401, 'missing_api_key'],
  ['a JSON array', '/jobs', [1], 401, 'missing_api_key'],
  ['no key', '/jobs', { url: 'https://a.example/' }, 401, 'missing_api_key'],
  ['an unknown key', '/jobs', { apiKey: 'nope', url: 'https://a.example/' }, 401, 'unknown_api_key'],
  ['a key that is no string', '/jobs', { apiKey: { $gt: '' }, url: 'https://a.example/' }, 401, 'missing_api_key'],
  ['no URL', '/jobs', { apiKey: TEST_KEY }, 400, 'invalid_url', 'url'],
  ['a relative URL', '/jobs', { apiKey: TEST_KEY, url: '/page' }, 400, 'invalid_url', 'url'],
  ['another scheme', '/jobs', { apiKey: TEST_KEY, url: 'ftp://a.example/' }, 400, 'invalid_url', 'url'],
  ['a URL without a host', '/jobs', { apiKey: TEST_KEY, url: 'http://' }, 400, 'invalid_url', 'url'],
  ['a line break in the URL', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/\r\nx' }, 400, 'invalid_url', 'url'],
  ['NUL in the URL', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/\u0000' }, 400, 'invalid_url', 'url'],
  [
    'a URL that is too long',
    '/jobs',
    { apiKey: TEST_KEY, url: `https://a.example/${'x'.repeat(8_192)}` },
    400,
    'invalid_url',
    'url',
  ],
  ['an empty batch', '/batchjobs', { apiKey: TEST_KEY, urls: [] }, 400, 'invalid_url', 'urls'],
  [
    'bad URLs in a batch',
    '/batchjobs',
    { apiKey: TEST_KEY, urls: ['https://a.example/', 'x', 7] },
    400,
    'invalid_url',
    'urls[1]',
  ],
  [
    'a bad callback',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', callback: { type: 'webhook', url: 'x' } },
    400,
    'invalid_request',
    'callback.url',
  ],
  [
    'a callback of another type',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', callback: { type: 'email', url: 'https://a.example/' } },
    400,
    'invalid_request',
    'callback.type',
  ],
  [
    'a time limit over 24 h',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', timeoutSec: 86_401 },
    400,
    'invalid_request',
    'timeoutSec',
  ],
  [
    'a header with a line break',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', headers: { 'x-a': 'b\r\nc: d' } },
    400,
    'invalid_request',
    'headers.x-a',
  ],
  [
    'a parameter of the wrong type',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', apiParams: { retry_404: 'perhaps' } },
    400,
    'invalid_request',
    'apiParams.retry_404',
  ],
  [
    'a feature that is not there',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', apiParams: { render: 'true' } },
    400,
    'feature_not_configured',
    'apiParams.render',
  ],
  [
    'meta over 4 KiB',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', meta: 'x'.repeat(4_095) },
    400,
    'invalid_request',
    'meta',
  ],
  ['a private target', '/jobs', { apiKey: TEST_KEY, url: 'http://169.254.169.254/' }, 403, 'forbidden_target', 'url'],
  [
    'a private callback',
    '/jobs',
    { apiKey: TEST_KEY, url: 'https://a.example/', callback: { type: 'webhook', url: 'http://10.0.0.1/' } },
    403,
    'forbidden_target',
    'callback.url',
  ],
];

test.each(bad)('%s is refused as JSON and nothing is created', async (...row) => {
  // The row is taken as a rest parameter. With more named parameters than values, Jest would pass a `done` callback and wait for it.
  const [, path, body, status, code, field] = row;
  const before = await rowCount();
  const answer = await service.call('POST', path, body);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(answer).toMatchObject({ status, body: { error: expect.any(String), code } });
  if (field !== undefined) expect(answer.body.details[0].path).toBe(field);
  expect(await rowCount()).toBe(before);
});

test('50,001 URLs are refused with the limit and how many came, and nothing is created', async () => {
  const before = await rowCount();
  const answer = await service.call('POST', '/batchjobs', {
    apiKey: TEST_KEY,
    urls: Array.from({ length: 50_001 }, () => 'https://a.example/'),
  });
  expect(answer).toMatchObject({
    status: 413,
    body: { code: 'too_many_urls', error: 'A batch takes at most 50000 URLs, this one has 50001.' },
  });
  expect(await rowCount()).toBe(before);
});

test('every bad URL of a batch is named by its index, the first hundred', async () => {
  const urls = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? 'bad' : 'https://a.example/'));
  const { body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls });
  expect(body.details).toHaveLength(100);
  expect(body.details[99]).toEqual({ path: 'urls[198]', message: 'is not an absolute http or https URL' });
});

test('habits of existing clients are accepted', async () => {
  const job = { url: 'https://a.example/' };
  for (const body of [
    { api_key: TEST_KEY, ...job, apiParams: [] },
    { apiKey: TEST_KEY, ...job, apiParams: 3 },
    { apiKey: TEST_KEY, ...job, apiParams: null, callback: null, method: 'post', timeoutSec: '60', render: false },
    { apiKey: TEST_KEY, ...job, retry_404: 'true', apiParams: { retry_404: 'false' } },
  ]) {
    expect((await service.call('POST', '/jobs', body)).status).toBe(200);
  }
  expect((await service.call('POST', `/jobs?api_key=${TEST_KEY}`, job)).status).toBe(200);
  expect((await service.call('POST', '/jobs', job, { authorization: `Bearer ${TEST_KEY}` })).status).toBe(200);
  expect(
    (
      await service.call('POST', '/jobs', JSON.stringify(job), {
        'x-api-key': TEST_KEY,
        'content-type': 'application/x-www-form-urlencoded',
      })
    ).status,
  ).toBe(200);
  expect((await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, ...job })).body).toHaveLength(1);
  expect((await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: job.url })).body).toHaveLength(1);
  expect((await service.call('POST', '/jobs', { apiKey: TEST_KEY, urls: [job.url, job.url] })).body).toHaveLength(2);
});

test('browser steps in a header are refused like the parameter', async () => {
  const headers = { 'x-sapi-instruction_set': '[]' };
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/' }, headers);
  expect(answer).toMatchObject({ status: 400, body: { code: 'feature_not_configured' } });
});

test('unknown fields and parameters are named in a header', async () => {
  const answer = await service.call('POST', '/jobs', {
    apiKey: TEST_KEY,
    url: 'https://a.example/',
    tymeoutSec: 1,
    apiParams: { rendr: 1 },
  });
  expect(answer.headers.get('x-ignored-parameters')).toBe('tymeoutSec, apiParams.rendr');
});

test.each([
  ['GET', '/jobs/x', 404, 'not_found'],
  ['GET', `/jobs/${createJobId()}`, 404, 'not_found'],
  ['GET', '/jobs/01900000-0000-7000-8000-000000000000', 410, 'expired'],
  ['DELETE', `/jobs/${createJobId()}`, 404, 'not_found'],
  ['GET', '/jobs/%zz', 400, 'invalid_request'],
  ['GET', '/nowhere', 404, 'not_found'],
  ['PUT', '/jobs', 404, 'not_found'],
])('%s %s answers %d %s', async (method, path, status, code) => {
  expect(await service.call(method, path)).toMatchObject({ status, body: { code } });
});

test('50,000 URLs are accepted and answered in order', async () => {
  const urls = Array.from({ length: 50_000 }, (_, index) => `https://a.example/${index}`);
  const { status, headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls });
  expect(status).toBe(200);
  expect(body).toHaveLength(50_000);
  expect(body[49_999].url).toBe(urls[49_999]);
  expect((await service.call('GET', `/jobs/${body[49_999].id}`)).body).toMatchObject({
    status: 'running',
    attempts: 0,
    url: urls[49_999],
  });
  const { body: batch } = await service.call('GET', `/batches/${headers.get('x-batch-id')}`, undefined, {
    'x-api-key': TEST_KEY,
  });
  expect(batch.counts).toEqual({ total: 50_000, queued: 50_000, running: 0, finished: 0, failed: 0, cancelled: 0 });
});
