import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { verifyPages } from '../../src/pages/verify-pages';
import { undocumented } from '../support/documented-answer';
import { openApiDocument } from '../../tools/docs/openapi/open-api-document';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const documented: Json = JSON.parse(openApiDocument());

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const key = { 'x-api-key': TEST_KEY };
const ndjson = { ...key, 'content-type': 'application/x-ndjson' };

const textOf = (lines: readonly unknown[]): string => lines.map((line) => JSON.stringify(line)).join('\n');

async function upload(body: string | Buffer, query = '', headers: Record<string, string> = {}) {
  const answer = await fetch(`${service.url}/batches${query}`, {
    method: 'POST',
    headers: { ...ndjson, ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json };
}

const get = async (path: string): Promise<Json> => (await service.call('GET', path, undefined, key)).body;

const ended = (id: string): Promise<Json> =>
  waitFor(async () => {
    const batch = await get(`/batches/${id}`);
    expect(Object.values<number>({ ...batch.counts, total: 0 }).reduce((sum, count) => sum + count, 0)).toBe(
      batch.counts.total,
    );
    return ['finished', 'cancelled'].includes(batch.status) && batch;
  });

/** Credits that were charged and that are reserved. */
async function usage(): Promise<{ credits: number; reserved: number; unfinished: number }> {
  const [row] = await service.db.database.query<{ credits: number; reserved: number; unfinished: number }>(
    'select u.credits, u.reserved, u.unfinished from usage u join api_keys k on k.id = u.api_key_id where k.name = $1',
    ['default'],
  );
  return row ?? { credits: 0, reserved: 0, unfinished: 0 };
}

test('options of each line reach the target, and its id comes back everywhere', async () => {
  const origin = await startOrigin((req, res) => {
    req.resume().on('end', () => {
      res.statusCode = req.url === '/down' ? 500 : 200;
      res.end(req.url === '/soft' && req.headers['x-try'] === undefined ? 'sorry' : `page ${req.url}`);
    });
  });
  const receiver = await createReceiver();
  const callback = encodeURIComponent(receiver.url);
  const lines = [
    { url: `${origin.url}/plain` },
    {
      url: `${origin.url}/form`,
      id: 'my form',
      method: 'post',
      body: 'a=1',
      headers: { 'content-type': 'text/x' },
      meta: { n: 1 },
    },
    { url: `${origin.url}/headers`, id: 'h', headers: { 'x-own': 'yes' }, apiParams: { device_type: 'desktop' } },
    { url: `${origin.url}/down`, id: 'late', meta: 'm' },
    { url: `${origin.url}/soft`, id: 's', successWhen: { contains: 'page' } },
  ];
  const query = `?name=nightly&tags=a,b&tags=c&maxPerHost=2&timeoutSec=6&keep_headers=true&device_type=mobile&callback=${callback}&expectUnsuccessReport=true&fanOut=sweep`;
  const { status, headers, body } = await upload(textOf(lines), query);
  expect({ status, location: headers.get('location') }).toEqual({ status: 202, location: `/batches/${body.id}` });
  expect(undocumented(documented, documented.paths['/batches'].post, { status, headers, body })).toBeUndefined();
  expect(body).toMatchObject({ name: 'nightly', tags: ['a', 'b', 'c'], maxPerHost: 2, counts: { total: 5 } });
  const jobId = (place: number) => `${body.id.slice(0, -4)}${place.toString(16).padStart(4, '0')}`;
  expect(await get(`/jobs/${jobId(2)}`)).toMatchObject({ clientId: 'my form', meta: { n: 1 } });
  expect((await ended(body.id)).counts).toMatchObject({ finished: 3, failed: 2 });

  const asked = (path: string) => origin.requests.find(({ url }) => url === path);
  expect(asked('/plain')).toMatchObject({ method: 'GET', headers: { 'user-agent': expect.stringMatching(/Mobile/) } });
  expect(asked('/form')).toMatchObject({ method: 'POST', body: 'a=1', headers: { 'content-type': 'text/x' } });
  expect(asked('/headers')).toMatchObject({
    headers: { 'x-own': 'yes', 'user-agent': expect.not.stringMatching(/Mobile/) },
  });

  const results: Json[] = await get(`/batches/${body.id}/results`);
  expect(Object.fromEntries(results.map(({ url, clientId }) => [new URL(url).pathname, clientId]))).toEqual({
    '/plain': undefined,
    '/form': 'my form',
    '/headers': 'h',
    '/down': 'late',
    '/soft': 's',
  });
  expect(results.find(({ clientId }) => clientId === 's')).toMatchObject({
    status: 'failed',
    lastFailure: { reason: 'unsuccessful' },
  });
  const calls = await waitFor(() => receiver.calls.length === 5 && receiver.calls);
  expect(calls.map(({ body: told }: Json) => told.clientId).sort()).toEqual(['h', 'late', 'my form', 's', undefined]);
});

test('a JSON submission is answered with the batch, and both routes take its fields', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const fields = {
    name: 'n',
    tags: ['x', ' y ', 'x'],
    maxCredits: '7',
    maxPerHost: 3,
    dedupe: 'true',
    fanOut: 'sweep',
  };
  const object = { urls: [`${origin.url}/1`, `${origin.url}/2`], ...fields, meta: 1 };
  const first = await service.call('POST', '/batches', object, key);
  const second = await service.call('POST', '/batchjobs', { ...object, apiKey: TEST_KEY });
  expect([first.status, second.status]).toEqual([202, 200]);
  expect(second.headers.get('x-ignored-parameters')).toBeNull();
  for (const id of [first.body.id, second.headers.get('x-batch-id')])
    expect(await ended(id)).toMatchObject({
      ...{ name: 'n', tags: ['x', 'y'], maxCredits: 7, maxPerHost: 3, dedupe: true, status: 'finished' },
      ...{ counts: { total: 2, finished: 2 }, credits: 2 },
    });
  const one = await service.call('POST', '/batches', { url: `${origin.url}/3` }, key);
  expect(one.body).toMatchObject({ counts: { total: 1 }, tags: [] });
});

test('a repetition with the same Idempotency-Key is answered with the first batch, packed or not', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const body = textOf([{ url: `${origin.url}/a`, id: 'a' }]);
  const claim = { 'idempotency-key': 'one of lines' };
  const first = await upload(body, '?name=a&tags=t', claim);
  const again = await upload(gzipSync(body), '?tags=t&name=a', { ...claim, 'content-encoding': 'gzip' });
  expect([first.status, again.status, again.body.id]).toEqual([202, 202, first.body.id]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await upload(body, '?name=b&tags=t', claim)).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict' },
  });
  expect(await upload(`${body}\n{}`, '?name=a&tags=t', claim)).toMatchObject({ status: 400 });
  expect(await upload(`${body}\n`, '?name=a&tags=t', claim)).toMatchObject({ status: 409 });
});

test('CRLF, blank lines, a byte order mark and an unfinished last line are fine', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const line = (path: string) => JSON.stringify({ url: `${origin.url}${path}`, id: path });
  const body = `\ufeff${line('/é')}\r\n\r\n   \n${line('/b')}\n\t${line('/c')} \r`;
  const { status, body: batch } = await upload(gzipSync(body), '', { 'content-encoding': 'gzip' });
  expect(status).toBe(202);
  await ended(batch.id);
  const results: Json[] = await get(`/batches/${batch.id}/results`);
  expect(results.map(({ clientId }) => clientId).sort()).toEqual(['/b', '/c', '/é']);
});

test('100 URLs of 10 kinds are fetched 10 times, charged once, and all have their page', async () => {
  const origin = await startOrigin((req, res) => res.end(`page ${req.url} ${String(req.headers['x-kind'])}`));
  const lines = Array.from({ length: 100 }, (_, index) => ({
    ...{ url: `${origin.url}/${index % 5}`, id: String(index), meta: index },
    ...{ headers: { 'x-kind': index % 10 < 5 ? 'a' : 'b' }, apiParams: { keep_headers: true } },
  }));
  const before = await usage();
  const { body } = await upload(textOf(lines), '?dedupe=true');
  expect(await ended(body.id)).toMatchObject({ counts: { total: 100, finished: 100 }, credits: 10, dedupe: true });
  expect(origin.requests).toHaveLength(10);
  expect(await usage()).toEqual({ ...before, credits: before.credits + 10 });
  const results: Json[] = await get(`/batches/${body.id}/results`);
  expect(results).toHaveLength(100);
  for (const { clientId, meta, url, response } of results) {
    const index = Number(clientId);
    expect({ meta, url, body: response.body }).toEqual({
      meta: index,
      url: `${origin.url}/${index % 5}`,
      body: `page /${index % 5} ${index % 10 < 5 ? 'a' : 'b'}`,
    });
  }
  expect(results.filter(({ credits }) => credits === 1)).toHaveLength(10);
  const last = await fetch(`${service.url}/jobs/${results[99].id}/body`);
  expect(await last.text()).toMatch(/^page /);
  const findings: unknown[] = [];
  const { pages } = await verifyPages({
    database: service.db.database,
    segments: createFsSegmentStore(join(service.dataDir, 'pages')),
    range: {},
    onFinding: async (finding) => void findings.push(finding),
  });
  expect(findings).toEqual([]);
  const [stored] = await service.db.database.query(
    'select count(distinct (segment, segment_offset)) as n from jobs where segment is not null',
  );
  expect(pages).toBe(stored?.['n']);
});

test('copies in other chunks end with their original, however many there are', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const urls = Array.from({ length: 5_200 }, (_, index) => `${origin.url}/${index % 2}`);
  const { body } = await service.call('POST', '/batches', { urls, dedupe: true }, key);
  expect(await ended(body.id)).toMatchObject({ status: 'finished', counts: { finished: 5_200 }, credits: 2 });
  expect(origin.requests).toHaveLength(2);
});

test('a copy can be cancelled alone, and with an original its other copies are cancelled', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const urls = Array.from({ length: 6 }, (_, index) => `${origin.url}/${index % 2}`);
  const { body } = await service.call('POST', '/batches', { urls, dedupe: true, timeoutSec: 8 }, key);
  const job = (place: number) => `/jobs/${body.id.slice(0, -4)}000${place}`;
  await waitFor(() => origin.requests.length >= 2);
  expect((await service.call('DELETE', job(3))).body.status).toBe('cancelled');
  expect(await get(job(1))).toMatchObject({ status: 'running' });
  expect((await service.call('DELETE', job(1))).body.status).toBe('cancelled');
  expect(await get(job(5))).toMatchObject({ status: 'cancelled' });
  expect(await ended(body.id)).toMatchObject({
    counts: { cancelled: 3, failed: 3 },
    failuresByReason: { failed_due_to_timeout: 3 },
    credits: 0,
  });
});
