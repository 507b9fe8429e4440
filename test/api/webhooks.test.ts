import express from 'express';
import request from 'supertest';
import { readJsonBody } from '../../src/api/middleware/read-json-body';
import { notFoundHandler, problemHandler } from '../../src/api/problem';
import { webhooksRouter } from '../../src/api/routes/webhooks';
import { DeliveryObject, DeliveryPage, WebhookSecret } from '../../src/jobs/delivery-object-schema';
import { createBatchId, createJobId } from '../../src/jobs/job-id';
import { ensureDefaultKey, findApiKey, findApiKeyByName } from '../../src/store/api-keys';
import { endpointOf, testEndpointOf } from '../../src/store/receivers';
import { createApiKey } from '../../src/store/manage-api-keys';
import { createLogger } from '../../src/telemetry/logger';
import { insertDeliveryRow } from '../support/delivery-rows';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

const KEY = 'key-of-this-file';
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

const app = express();
const woken: string[] = [];
let db: TestDatabase;
let apiKeyId: string;
let otherKey: string;

beforeAll(async () => {
  db = await createTestDatabase();
  await ensureDefaultKey(db.database, KEY);
  apiKeyId = (await findApiKeyByName(db.database, 'default'))?.id ?? '';
  otherKey = (await createApiKey(db.database, 'other')) ?? '';
  app.use(readJsonBody(() => true));
  app.use(
    webhooksRouter({
      database: db.database,
      findApiKey: (key) => findApiKey(db.database, key),
      forbiddenReason: (url) => (url.includes('forbidden') ? 'address is not public' : undefined),
      onDeliveries: (endpointIds) => woken.push(...endpointIds),
    }),
  );
  app.use(notFoundHandler, problemHandler(createLogger('silent')));
});
afterAll(() => db.drop());
beforeEach(async () => {
  woken.length = 0;
  await db.database.query('truncate webhook_deliveries, webhook_endpoints cascade');
});

const get = (path: string, key = KEY) => request(app).get(path).set('x-api-key', key);
const post = (path: string, body?: object, key = KEY) => request(app).post(path).set('x-api-key', key).send(body);
const insert = (options: Omit<Parameters<typeof insertDeliveryRow>[1], 'apiKeyId'> = {}) =>
  insertDeliveryRow(db.database, { apiKeyId, ...options });

const stateOf = () =>
  db.database.query('select id, status, round, next_attempt_at, ended_at from webhook_deliveries order by id');

test('a delivery is shown with its calls and without the password of its URL', async () => {
  const jobId = createJobId();
  const id = await insert({ jobId, attempts: 2, status: 'failed', url: 'https://user:pass@receiver.example/hook' });
  const { status, body } = await get(`/webhooks/deliveries/${id.toUpperCase()}`);
  expect(status).toBe(200);
  expect(body).toEqual({
    id,
    jobId,
    event: 'job.finished',
    url: 'https://***@receiver.example/hook',
    status: 'failed',
    createdAt: expect.any(String),
    endedAt: expect.any(String),
    attemptCount: 2,
    attempts: [1, 2].map((number) => ({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      statusCode: 500,
      durationMs: number,
      answer: `answer ${number}`,
    })),
  });
  expect(DeliveryObject.parse(body)).toEqual(body);
});

test('only what is pending has a next attempt', async () => {
  const pending = await insert();
  const delivered = await insert({ status: 'delivered' });
  expect((await get(`/webhooks/deliveries/${pending}`)).body).toHaveProperty('nextAttemptAt');
  expect((await get(`/webhooks/deliveries/${delivered}`)).body).not.toHaveProperty('nextAttemptAt');
});

test('pages follow each other by their links, which keep the filters and leave out the key', async () => {
  for (let place = 0; place < 5; place++)
    await insert({ status: place % 2 === 0 ? 'failed' : 'stopped', createdAt: new Date(1_700_000_000_000 + place) });
  // The filter excludes each of these, which would otherwise be on a later page.
  await insert({ status: 'delivered', createdAt: new Date(1_700_000_000_001) });
  await insert({ status: 'failed', createdAt: new Date(1_699_999_999_999) });
  await insert({ status: 'failed', createdAt: new Date(1_700_000_000_001), url: 'https://other.example/' });
  let path = `/webhooks/deliveries?status=failed&status=stopped&limit=2&since=${encodeURIComponent('2023-11-14T23:13:20+01:00')}&endpoint=https://receiver.example&api_key=${KEY}`;
  const ids: string[] = [];
  for (let pages = 1; ; pages++) {
    const { status, body, headers } = await get(path);
    expect(status).toBe(200);
    expect(DeliveryPage.parse(body)).toEqual(body);
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    const next = /^<(\/webhooks\/deliveries\?[^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
    expect(next === undefined).toBe(body.nextCursor === undefined);
    if (next === undefined) {
      expect(pages).toBe(3);
      break;
    }
    expect(next).not.toContain(KEY);
    path = next;
  }
  expect(ids).toHaveLength(5);
  expect(ids).toEqual([...new Set(ids)].sort().reverse());
});

test('a page holds a hundred unless it is told otherwise', async () => {
  await Promise.all(Array.from({ length: 101 }, () => insert()));
  expect((await get('/webhooks/deliveries')).body.items).toHaveLength(100);
  expect((await get('/webhooks/deliveries?limit=1000')).body.items).toHaveLength(101);
});

test('the list is filtered by job and batch, in whatever case the ids are', async () => {
  const jobId = createJobId();
  const id = await insert({ jobId });
  await insert();
  const listed = async (query: string) =>
    (await get(`/webhooks/deliveries?${query}`)).body.items.map((item: { id: string }) => item.id);
  expect(await listed(`job=${jobId.toUpperCase()}`)).toEqual([id]);
  expect(await listed(`batch=${createBatchId()}`)).toEqual([]);
});

test('a replay answers with the delivery, pending again, and its receiver is woken', async () => {
  const id = await insert({ status: 'delivered', attempts: 1 });
  const { status, body } = await post(`/webhooks/deliveries/${id}/replay`);
  expect(status).toBe(202);
  expect(body).toMatchObject({ id, status: 'pending', nextAttemptAt: expect.any(String), attemptCount: 1 });
  expect(DeliveryObject.parse(body)).toEqual(body);
  expect(woken).toEqual([endpointOf(apiKeyId, body.url).endpointId]);
});

test('a replay of a range takes failed and stopped ones unless it is told otherwise', async () => {
  for (const status of ['pending', 'delivered', 'failed', 'stopped'] as const) await insert({ status });
  const since = '2020-01-01T00:00:00Z';
  const elsewhere = await post('/webhooks/replay', { since, endpoint: 'https://other.example/hook' });
  expect(elsewhere).toMatchObject({ status: 202, body: { replayed: 0 } });
  expect(woken).toEqual([]);
  expect(await post('/webhooks/replay', { since })).toMatchObject({ status: 202, body: { replayed: 2 } });
  expect(woken).toEqual([endpointOf(apiKeyId, 'https://receiver.example/').endpointId]);
  expect((await post('/webhooks/replay', { since, status: 'delivered' })).body).toEqual({ replayed: 1 });
  expect((await post('/webhooks/replay', { since, status: ['pending', 'failed'] })).body).toEqual({ replayed: 4 });
  expect((await post('/webhooks/replay', { since, until: '2020-01-02T00:00:00Z', status: 'pending' })).body).toEqual({
    replayed: 0,
  });
});

test('a test call is noted, found at its address, and made by a receiver of its own', async () => {
  const url = 'https://user:pass@receiver.example/hook';
  const { status, body, headers } = await post('/webhooks/test', { url });
  expect(status).toBe(202);
  expect(body).toMatchObject({
    event: 'test',
    url: 'https://***@receiver.example/hook',
    status: 'pending',
    attempts: [],
  });
  expect(headers['location']).toBe(`/webhooks/deliveries/${body.id}`);
  expect((await get(headers['location'] ?? '')).body).toEqual(body);
  expect(woken).toEqual([testEndpointOf(apiKeyId, url).endpointId]);
  expect(await db.database.query('select url from webhook_deliveries')).toEqual([{ url }]);
});

test('the hundred-and-first test call that waits is refused for a while', async () => {
  for (let place = 0; place < 100; place++)
    expect((await post('/webhooks/test', { url: 'https://a.example/' })).status).toBe(202);
  const refused = await post('/webhooks/test', { url: 'https://b.example/' });
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_unfinished' } });
  expect(refused.headers['retry-after']).toMatch(/^\d+$/);
  expect((await post('/webhooks/test', { url: 'https://b.example/' }, otherKey)).status).toBe(202);
});

test('the secret is shown and rotated, each key has its own, and nothing of it is kept on the way', async () => {
  const before = await get('/webhooks/secret');
  expect(before.body).toEqual({ secret: expect.stringMatching(/^whsec_/) });
  const rotated = await post('/webhooks/secret/rotate');
  expect(rotated.status).toBe(200);
  expect(rotated.body).toEqual({ secret: expect.any(String), previousValidUntil: expect.any(String) });
  expect(rotated.body.secret).not.toBe(before.body.secret);
  for (const { body, headers } of [before, rotated]) {
    expect(WebhookSecret.parse(body)).toEqual(body);
    expect(headers['cache-control']).toBe('no-store');
  }
  expect((await get('/webhooks/secret')).body).toEqual(rotated.body);
  expect((await get('/webhooks/secret', otherKey)).body.secret).not.toBe(rotated.body.secret);
});

const routes = [
  ['GET', '/webhooks/deliveries'],
  ['GET', `/webhooks/deliveries/${UNKNOWN_ID}`],
  ['POST', `/webhooks/deliveries/${UNKNOWN_ID}/replay`],
  ['POST', '/webhooks/replay'],
  ['POST', '/webhooks/test'],
  ['GET', '/webhooks/secret'],
  ['POST', '/webhooks/secret/rotate'],
] as const;

test.each(routes)('%s %s needs a key', async (method, path) => {
  const ask = method === 'GET' ? request(app).get(path) : request(app).post(path);
  const { status, body, type } = await ask;
  expect({ status, type }).toEqual({ status: 401, type: 'application/problem+json' });
  expect(body).toMatchObject({ code: 'missing_api_key' });
});

test('what another key has does not exist', async () => {
  const id = await insert({ status: 'failed' });
  const before = await stateOf();
  expect((await get('/webhooks/deliveries', otherKey)).body).toEqual({ items: [] });
  for (const each of [
    await get(`/webhooks/deliveries/${id}`, otherKey),
    await post(`/webhooks/deliveries/${id}/replay`, undefined, otherKey),
    await get(`/webhooks/deliveries/${UNKNOWN_ID}`),
    await get('/webhooks/deliveries/x'),
    await post('/webhooks/deliveries/x/replay'),
  ])
    expect(each).toMatchObject({ status: 404, type: 'application/problem+json', body: { code: 'not_found' } });
  expect((await post('/webhooks/replay', { since: '2020-01-01T00:00:00Z' }, otherKey)).body).toEqual({ replayed: 0 });
  expect(await stateOf()).toEqual(before);
  expect(woken).toEqual([]);
});

test.each([
  ['job=x', 'job'],
  ['job=', 'job'],
  [`job=${UNKNOWN_ID}&job=${UNKNOWN_ID}`, 'job'],
  [`batch=${UNKNOWN_ID}`, 'batch'],
  ['endpoint=receiver.example', 'endpoint'],
  ['endpoint=https://a%00b/', 'endpoint'],
  ['status=lost', 'status'],
  ['status=failed,stopped', 'status'],
  ['since=yesterday', 'since'],
  ['since=2026-03-02', 'since'],
  ['since=2026-02-30T00:00:00Z', 'since'],
  ['since=2026-03-02T09:30:00+01:00', 'since'],
  ['until=1700000000', 'until'],
  ['since=2026-03-02T09:30:00Z&until=2026-03-02T09:30:00Z', 'until'],
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=ten', 'limit'],
  ['cursor=x', 'cursor'],
  [`cursor=${UNKNOWN_ID}x`, 'cursor'],
])('a list with %s is refused and says what is wrong', async (query, path) => {
  const { status, body, type } = await get(`/webhooks/deliveries?${query}`);
  expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' });
  expect(body).toMatchObject({
    code: 'invalid_request',
    errors: [{ path, message: expect.stringMatching(/^(must|is|contains) /) }],
  });
  expect(body.detail).toBe(`${path}: ${body.errors[0].message}.`);
});

test('everything that is wrong is named at once', async () => {
  const { body } = await get('/webhooks/deliveries?status=x&limit=0&cursor=1');
  expect(body.errors.map((error: { path: string }) => error.path)).toEqual(['status', 'limit', 'cursor']);
});

test.each<[object | undefined, string | undefined]>([
  [undefined, undefined],
  [[], undefined],
  [{}, 'since'],
  [{ since: 1 }, 'since'],
  [{ since: '2020-01-01T00:00:00Z', until: '2020-01-01T00:00:00Z' }, 'until'],
  [{ since: '2020-01-01T00:00:00Z', until: null }, 'until'],
  [{ since: '2020-01-01T00:00:00Z', status: [] }, 'status'],
  [{ since: '2020-01-01T00:00:00Z', status: ['failed', 'x'] }, 'status'],
  [{ since: '2020-01-01T00:00:00Z', endpoint: 'ftp://a.example' }, 'endpoint'],
])('a replay of %j is refused and changes nothing', async (sent, path) => {
  await insert({ status: 'failed' });
  const before = await stateOf();
  const { status, body } = await post('/webhooks/replay', sent);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid_request', ...(path !== undefined && { errors: [{ path }] }) });
  expect(await stateOf()).toEqual(before);
  expect(woken).toEqual([]);
});

test.each<[string, object | undefined, number, string]>([
  ['no body', undefined, 400, 'invalid_request'],
  ['nothing', {}, 400, 'invalid_url'],
  ['a number', { url: 1 }, 400, 'invalid_url'],
  ['a list', { url: ['https://a.example/'] }, 400, 'invalid_url'],
  ['a name', { url: 'a.example' }, 400, 'invalid_url'],
  ['a long URL', { url: `https://a.example/${'x'.repeat(8_192)}` }, 400, 'invalid_url'],
  ['a forbidden address', { url: 'https://forbidden.example/' }, 403, 'forbidden_target'],
])('a test call to %s is refused and notes nothing', async (_name, sent, status, code) => {
  const answer = await post('/webhooks/test', sent);
  expect(answer).toMatchObject({ status, body: { code } });
  if (sent !== undefined) expect(answer.body.errors).toEqual([{ path: 'url', message: expect.any(String) }]);
  expect(await db.database.query('select 1 from webhook_deliveries union all select 1 from webhook_endpoints')).toEqual(
    [],
  );
  expect(woken).toEqual([]);
});

test('a parameter that nobody knows is refused, and nothing is done', async () => {
  const listed = await get(`/webhooks/deliveries?state=failed&api_key=${KEY}`);
  const message = expect.stringContaining('is not known here');
  expect(listed).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: 'state', message }] },
  });
  const sent = await post('/webhooks/test?url=x', { url: 'https://a.example/', 'n ä': 1, apiKey: KEY });
  expect(sent).toMatchObject({ status: 400, body: { errors: [{ path: 'url' }, { path: 'n ä' }] } });
  const replayed = await post('/webhooks/replay', { since: '2026-01-01T00:00:00Z', satus: 'failed' });
  expect(replayed).toMatchObject({ status: 400, body: { errors: [{ path: 'satus' }] } });
  expect(await db.database.query('select 1 from webhook_deliveries')).toEqual([]);
  expect((await get('/webhooks/secret')).status).toBe(200);
});
