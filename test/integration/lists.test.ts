import { batchMemberId } from '../../src/jobs/job-id';
import { startOrigin } from '../support/origin';
import { addOtherKey } from '../support/test-keys';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { Answer, TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
  await addOtherKey(service.db.database); // its key is `other`
});
afterAll(() => service.stop());

const key = { 'x-api-key': TEST_KEY };
const get = (path: string, headers: Record<string, string> = key): Promise<Answer> =>
  service.call('GET', path, undefined, headers);
const idsOf = ({ body }: Answer): string[] => body.items.map(({ id }: { id: string }) => id);

/** A batch of three that ends, one that goes on failing, and a single job; the first is the newest. */
async function submitAll() {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url?.startsWith('/down') === true ? 500 : req.url === '/gone' ? 404 : 200;
    res.end('page');
  });
  const submit = async (path: string, body: object): Promise<Answer> =>
    service.call('POST', path, { apiKey: TEST_KEY, ...body });
  const single = (await submit('/jobs', { url: `${origin.url}/single`, meta: { n: 1 } })).body.id as string;
  const failing = await submit('/batchjobs', { urls: [`${origin.url}/down`], name: 'Failing', tags: ['nightly'] });
  const urls = ['/a', '/gone', '/b'].map((path) => `${origin.url}${path}`);
  const ended = await submit('/batchjobs', { urls, name: 'Shop', tags: ['nightly', 'shop'] });
  const [failingId, endedId] = [failing, ended].map(({ headers }) => headers.get('x-batch-id') ?? '') as [
    string,
    string,
  ];
  await waitFor(async () => (await get(`/batches/${endedId}`)).body.status === 'finished');
  await waitFor(async () => (await get(`/jobs/${batchMemberId(failingId, 0)}`)).body.attempts > 0);
  await waitFor(async () => (await get(`/jobs/${single}`)).body.status === 'finished');
  return { single, failingId, endedId, host: new URL(origin.url).hostname };
}

test('batches and jobs are found by their filters, page by page', async () => {
  const { single, failingId, endedId, host } = await submitAll();
  const members = [0, 1, 2].map((index) => batchMemberId(endedId, index));
  const failing = batchMemberId(failingId, 0);

  const batches = await get('/batches');
  expect(idsOf(batches)).toEqual([endedId, failingId]);
  expect(batches.body.nextCursor).toBeUndefined();
  const { failuresByReason, slowestHosts, throughput, ...shown } = (await get(`/batches/${endedId}`)).body;
  expect(batches.body.items[0]).toEqual(shown);
  expect({ failuresByReason, slowestHosts }).toEqual({ failuresByReason: {}, slowestHosts: [] });
  expect(throughput.reduce((sum: number, each: Json) => sum + each.finished, 0)).toBe(3);
  for (const [query, ids] of [
    ['status=running', [failingId]],
    ['status=finished', [endedId]],
    ['status=paused', []],
    ['tag=shop', [endedId]],
    ['q=FAIL', [failingId]],
    ['until=2020-01-01T00:00:00Z', []],
    [`since=${encodeURIComponent(shown.createdAt)}`, [endedId]],
  ] as const)
    expect({ query, ids: idsOf(await get(`/batches?${query}`)) }).toEqual({ query, ids });

  const all = await get('/jobs');
  expect(idsOf(all)).toEqual([...members, failing, single]);
  expect(all.body.items[1]).toMatchObject({ status: 'finished', statusCode: 404, attempts: 1 });
  expect(all.body.items[1].response).toBeUndefined();
  expect(all.body.items[4]).toMatchObject({ meta: { n: 1 } });
  expect(all.body.items[3]).toEqual((await get(`/jobs/${failing}`)).body);
  for (const [query, ids] of [
    ['status=running', [failing]],
    ['statusCode=404', [members[1]]],
    ['tag=nightly&status=finished', members],
    [`batch=${failingId}`, [failing]],
    [`host=${host}&q=/SINGLE`, [single]],
    ['host=other.example', []],
    ['failReason=terminated', []],
    ['clientId=none', []],
  ] as const)
    expect({ query, ids: idsOf(await get(`/jobs?${query}`)) }).toEqual({ query, ids });

  expect(idsOf(await get(`/batches/${endedId}/jobs`))).toEqual(members);
  expect(idsOf(await get(`/batches/${endedId}/jobs?statusCode=200&q=/b`))).toEqual([members[2]]);
  expect(idsOf(await get(`/batches/${failingId}/jobs?since=2020-01-01T00:00:00Z`))).toEqual([]);

  // Pages of two, by the link of each.
  for (const [path, ids] of [
    ['/jobs?limit=2&status=finished', [...members, single]],
    ['/batches?limit=1', [endedId, failingId]],
    [`/batches/${endedId}/jobs?limit=1`, members],
  ] as const) {
    const found: string[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const page: Answer = await get(`${next}&api_key=${TEST_KEY}`, {});
      found.push(...idsOf(page));
      const link = page.headers.get('link') ?? undefined;
      expect(link === undefined).toBe(page.body.nextCursor === undefined);
      expect(link ?? '').not.toContain(TEST_KEY);
      next = /^<(.+)>; rel="next"$/.exec(link ?? '')?.[1];
    }
    expect(found).toEqual(ids);
  }

  // Another key sees nothing.
  const other = { 'x-api-key': 'other' };
  for (const path of ['/batches', '/jobs', `/jobs?batch=${endedId}`]) expect(idsOf(await get(path, other))).toEqual([]);
  for (const path of ['jobs', 'results', 'events', 'results?follow=true'])
    expect(await get(`/batches/${endedId}/${path}`, other)).toMatchObject({ status: 404, body: { code: 'not_found' } });

  // A cursor goes on in its own list only.
  const cursor = (await get('/jobs?limit=1')).body.nextCursor as string;
  const ofBatch = (await get(`/batches/${endedId}/jobs?limit=1`)).body.nextCursor as string;
  expect((await get(`/jobs?limit=3&cursor=${cursor}`)).status).toBe(200);
  for (const path of [
    `/jobs?status=running&cursor=${cursor}`,
    `/jobs?cursor=${ofBatch}`,
    `/jobs?cursor=${cursor.slice(0, -2)}`,
    '/jobs?cursor=nonsense',
    `/batches?cursor=${cursor}`,
    `/batches/${endedId}/jobs?cursor=${cursor}`,
    `/batches/${failingId}/jobs?cursor=${ofBatch}`,
    '/batches?cursor=a&cursor=b',
  ])
    expect({ path, answer: await get(path) }).toMatchObject({
      ...{ path, answer: { status: 400, body: { code: 'invalid_request', errors: [{ path: 'cursor' }] } } },
    });
  expect(await get(`/jobs?cursor=${cursor}`, other)).toMatchObject({ status: 400 });
});

test('a URL is found by the id that the caller gave it, which its results carry as well', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const lines = ['sku-1', 'sku-2', 'sku-1'].map((id, index) => JSON.stringify({ url: `${origin.url}/${index}`, id }));
  const submitted = await service.call('POST', '/batches?tags=lines', lines.join('\n'), {
    ...key,
    'content-type': 'application/x-ndjson',
  });
  const { id } = submitted.body as { id: string };
  const members = [0, 1, 2].map((index) => batchMemberId(id, index));
  for (const path of ['/jobs?clientId=sku-1', '/jobs?clientId=sku-1&tag=lines', `/batches/${id}/jobs?clientId=sku-1`]) {
    const answer = await get(path);
    expect({ path, ids: idsOf(answer) }).toEqual({ path, ids: [members[0], members[2]] });
    expect(answer.body.items[0].clientId).toBe('sku-1');
  }
  await waitFor(async () => (await get(`/batches/${id}`)).body.status === 'finished');
  const results = (await get(`/batches/${id}/results?fields=clientId`)).body as { clientId: string }[];
  expect(results.map(({ clientId }) => clientId).sort()).toEqual(['sku-1', 'sku-1', 'sku-2']);
  expect(idsOf(await get('/jobs?clientId=sku-1', { 'x-api-key': 'other' }))).toEqual([]);
});

test.each([
  ['/jobs?status=paused', 'status'],
  ['/batches?status=failed', 'status'],
  ['/jobs?limit=0', 'limit'],
  ['/jobs?limit=1001', 'limit'],
  ['/jobs?limit=x', 'limit'],
  ['/jobs?batch=x', 'batch'],
  ['/jobs?batch=01900000-0000-7000-8000-000000000000', 'batch'],
  ['/jobs?since=yesterday', 'since'],
  ['/jobs?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'until'],
  ['/jobs?failReason=bad_luck', 'failReason'],
  ['/jobs?failReason=terminated&status=finished', 'failReason'],
  ['/jobs?statusCode=99', 'statusCode'],
  ['/jobs?statusCode=nothing', 'statusCode'],
  ['/jobs?host=https://a.example/', 'host'],
  ['/jobs?host=', 'host'],
  ['/jobs?q=', 'q'],
  ['/jobs?q=%00', 'q'],
  ['/jobs?q[a]=b', 'q[a]'],
  ['/jobs?clientId=%00', 'clientId'],
  ['/batches?tag=%00', 'tag'],
  ['/batches?q=a&q=b', 'q'],
  ['/batches?host=a.example', 'host'],
  ['/batches?colour=red', 'colour'],
])('%s is refused and %s named', async (path, name) => {
  expect(await get(path)).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path: name }] } });
});

test('lists need a key, and that of a batch its batch', async () => {
  for (const path of ['/jobs', '/batches', '/batches/x/jobs', '/batches/x/events'])
    expect((await get(path, {})).status).toBe(401);
  for (const path of ['/batches/x/jobs', '/batches/x/events', '/batches/01900000-0000-7000-8000-00000000ffff/jobs'])
    expect((await get(path)).status).toBe(404);
});
