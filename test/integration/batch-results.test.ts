import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const key = { 'x-api-key': TEST_KEY };

async function results(id: string, query = '', headers: Record<string, string> = {}) {
  const answer = await request(`${service.url}/batches/${id}/results${query}`, { headers: { ...key, ...headers } });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const text = (answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return { status: answer.statusCode, headers: answer.headers, items: lines.map((line): Json => JSON.parse(line)) };
}

async function endedBatch(paths: readonly string[], options: object = {}) {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url?.startsWith('/down') === true ? 500 : 200;
    res.end(`page ${req.url}`);
  });
  const urls = paths.map((path) => `${origin.url}${path}`);
  const { headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, ...options });
  const id = headers.get('x-batch-id') ?? '';
  await waitFor(async () => (await service.call('GET', `/batches/${id}`, undefined, key)).body.status !== 'running');
  return { id, jobs: body as { id: string }[] };
}

test('all results come as a line each, as their status URLs give them, in the order in which they ended', async () => {
  const { id, jobs } = await endedBatch(
    Array.from({ length: 250 }, (_, index) => `/${index}`),
    { fanOut: 'sweep' },
  );
  const { status, headers, items } = await results(id);
  expect({ status, type: headers['content-type'] }).toEqual({
    status: 200,
    type: 'application/x-ndjson; charset=utf-8',
  });
  expect(items.map((item) => item.id).sort()).toEqual(jobs.map((job) => job.id).sort());
  const times = items.map((item) => item.finishedAt);
  expect(times).toEqual([...times].sort());
  for (const { cursor, ...object } of [items[0], items[249]]) {
    expect(object).toEqual((await service.call('GET', `/jobs/${object.id}`)).body);
    expect(cursor).toMatch(/^[\w-]+$/);
  }
});

test('a reader that was cut off goes on behind the last line it has', async () => {
  const { id } = await endedBatch(Array.from({ length: 30 }, (_, index) => `/${index}`));
  const { items: all } = await results(id, '', { 'accept-encoding': 'gzip' });
  const { items: rest } = await results(id, `?cursor=${all[11].cursor}`);
  expect(rest).toEqual(all.slice(12));
  expect((await results(id, `?cursor=${all[29].cursor}`)).items).toEqual([]);
});

test('failures alone come on demand, and the batch says how many there are of which kind', async () => {
  const { id, jobs } = await endedBatch(['/a', '/down', '/b'], { timeoutSec: 6 });
  const { items } = await results(id, '?status=failed');
  expect(items).toMatchObject([{ id: jobs[1]?.id, status: 'failed', failReason: 'failed_due_to_timeout' }]);
  expect((await results(id, '?status=finished')).items).toHaveLength(2);
  expect((await service.call('GET', `/batches/${id}`, undefined, key)).body).toMatchObject({
    credits: 2,
    failuresByReason: { failed_due_to_timeout: 1 },
    resultsUrl: `${service.url}/batches/${id}/results`,
  });
});

test.each([
  ['?cursor=nonsense', 'cursor'],
  [`?cursor=${Buffer.from('2026-99-99 00:00:00+00 x').toString('base64url')}`, 'cursor'],
  ['?status=running', 'status'],
  ['?cursor=a&cursor=b', 'cursor'],
  ['?satus=failed', 'satus'],
])('%s is refused and named', async (query, path) => {
  const { id } = await endedBatch(['/a']);
  const answer = await service.call('GET', `/batches/${id}/results${query}`, undefined, key);
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path }] } });
});

test('without a key, and with an id that is no batch, there is nothing', async () => {
  const { id } = await endedBatch(['/a']);
  expect((await service.call('GET', `/batches/${id}/results`)).status).toBe(401);
  expect((await service.call('GET', `/batches/nonsense/results`, undefined, key)).status).toBe(404);
});

test('while a batch runs, what has ended is there', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/down' ? 500 : 200;
    res.end('page');
  });
  const urls = ['/a', '/b', '/down'].map((path) => `${origin.url}${path}`);
  const { headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls });
  const id = headers.get('x-batch-id') ?? '';
  const { items, headers: told } = await waitFor(async () => {
    const found = await results(id);
    return found.items.length === 2 ? found : undefined;
  });
  expect(items.map((item) => item.id).sort()).toEqual([body[0].id, body[1].id].sort());
  expect(told['x-batch-unfinished']).toBe('1');
  expect((await results(id, '?status=failed')).headers['x-batch-unfinished']).toBe('1');
  await service.call('DELETE', `/jobs/${body[2].id}`);
  await waitFor(async () => (await results(id)).headers['x-batch-unfinished'] === '0');
});

test.each(['jobs', 'sweep'] as const)('what is fetched for the first time counts as running (%s)', async (fanOut) => {
  const origin = await startOrigin(() => undefined); // takes requests and says nothing
  const urls = Array.from({ length: 20 }, (_, index) => `${origin.url}/${index}`);
  const { headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut });
  const counts = async () =>
    (await service.call('GET', `/batches/${headers.get('x-batch-id')}`, undefined, key)).body.counts;
  // A host gets 16 requests at a time; none of them has come to anything.
  await waitFor(async () => (await counts()).running === 16);
  expect(await counts()).toMatchObject({ total: 20, queued: 4, running: 16 });
  await Promise.all(body.map(({ id }: { id: string }) => service.call('DELETE', `/jobs/${id}`)));
  await waitFor(async () => (await counts()).cancelled === 20);
  expect(await counts()).toMatchObject({ queued: 0, running: 0 });
});

test('a parameter that a route of ours does not know is refused, ScraperAPI routes ignore it', async () => {
  const { id, jobs } = await endedBatch(['/a']);
  const job = `/jobs/${jobs[0]?.id}`;
  for (const path of [`/batches/${id}`, `/batches/${id}/results`, `${job}/body`, `${job}/screenshot`])
    expect(await service.call('GET', `${path}?respnse=false`, undefined, key)).toMatchObject({
      ...{ status: 400, body: { code: 'invalid_request', errors: [{ path: 'respnse' }] } },
    });
  expect((await service.call('GET', `${job}?respnse=false`)).status).toBe(200);
  expect((await service.call('GET', `${job}/body?api_key=${TEST_KEY}`)).status).toBe(200);
});
