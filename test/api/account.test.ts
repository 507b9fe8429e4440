import express from 'express';
import request from 'supertest';
import { notFoundHandler, problemHandler } from '../../src/api/problem';
import { accountRouter } from '../../src/api/routes/account';
import { createPriceList } from '../../src/jobs/prices';
import { accountOf, ensureDefaultKey, findApiKey } from '../../src/store/api-keys';
import { createLogger } from '../../src/telemetry/logger';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

const KEY = 'key-of-this-file';
const app = express();
let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await ensureDefaultKey(db.database, KEY);
  app.use(
    accountRouter({
      findApiKey: (key) => findApiKey(db.database, key),
      accountOf: (apiKeyId) => accountOf(db.database, apiKeyId, { workerConcurrency: 128 }),
      priceList: createPriceList(),
    }),
  );
  app.use(notFoundHandler, problemHandler(createLogger('silent')));
});
afterAll(() => db.drop());

const account = (query: Record<string, unknown> = {}) =>
  request(app)
    .get('/account')
    .query({ api_key: KEY, ...query });
const urlCost = (query: Record<string, unknown>) =>
  request(app)
    .get('/account/urlcost')
    .query({ api_key: KEY, ...query });

test('a new key has everything before it', async () => {
  const { status, body } = await account();
  expect(status).toBe(200);
  expect(body).toEqual({
    concurrencyLimit: 128,
    concurrentRequests: 0,
    failedRequestCount: 0,
    requestCount: 0,
    requestLimit: 1_000_000_000,
    burst: 100,
    subscriptionDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    creditsLeft: 1_000_000_000,
  });
  expect(Math.abs(Date.parse(body.subscriptionDate) - Date.now())).toBeLessThan(60_000);
});

test('limits and usage are shown, and credits never go below 0', async () => {
  const { database } = db;
  await database.query('update api_keys set credit_limit = 1000, max_concurrency = 5, submits_per_second = 7');
  await database.query(
    'update usage set finished_count = 40, failed_count = 2, cancelled_count = 9, credits = 300, reserved = 50, unfinished = 6',
  );
  expect((await account()).body).toMatchObject({
    concurrencyLimit: 5,
    concurrentRequests: 6,
    failedRequestCount: 2,
    requestCount: 42,
    requestLimit: 1_000,
    burst: 7,
    creditsLeft: 650,
  });
  await database.query('update usage set credits = 990');
  expect((await account()).body.creditsLeft).toBe(0);
  await database.query('update api_keys set credit_limit = 0');
  expect((await account()).body).toMatchObject({ requestLimit: 0, creditsLeft: 0 });
});

test('a key sees only its own numbers', async () => {
  await db.database.query("insert into api_keys (name, key_hash) values ('other', sha256('other-key'::bytea))");
  await db.database.query(
    "update usage set credits = 5 where api_key_id = (select id from api_keys where name = 'other')",
  );
  expect((await account({ api_key: 'other-key' })).body).toMatchObject({ requestCount: 0, creditsLeft: 999_999_995 });
});

test.each([
  ['/account', 'missing_api_key'],
  ['/account?api_key=nope', 'unknown_api_key'],
  ['/account/urlcost?url=https://a.example/', 'missing_api_key'],
  ['/account/urlcost?api_key=nope&url=x', 'unknown_api_key'],
])('%s answers 401 %s as JSON', async (path, code) => {
  const { status, body, type } = await request(app).get(path);
  expect({ status, body, type }).toEqual({
    status: 401,
    type: 'application/json',
    body: { error: expect.any(String), code },
  });
});

test('the key may also come as a header', async () => {
  expect((await request(app).get('/account').set('authorization', `Bearer ${KEY}`)).status).toBe(200);
  expect((await request(app).get('/account').set('x-api-key', KEY)).status).toBe(200);
});

test.each<[Record<string, unknown>, number]>([
  [{ url: 'https://a.example/' }, 1],
  [{ url: 'https://www.amazon.co.uk/dp/1?a=b&c=d' }, 5],
  [{ url: 'https://www.google.de/search?q=x', premium: 'true', render: 'true' }, 45],
  [{ url: 'https://a.example/', render: '1', premium: 'false', rendr: 'x' }, 10],
  [{ url: 'https://a.example/', ultra_premium: 'true', wait_for_selector: '#a', country_code: 'eu' }, 75],
  [{ url: 'https://a.example/', screenshot: 'true', session_number: '7', device_type: 'mobile', max_cost: '1' }, 10],
  [
    {
      url: 'https://de.linkedin.com/',
      autoparse: 'true',
      output_format: 'json',
      instruction_set: '[{"type":"wait","value":1}]',
    },
    40,
  ],
])('urlcost of %j is %d', async (query, cost) => {
  const { status, body } = await urlCost(query);
  expect({ status, body }).toEqual({ status: 200, body: { cost, credits: cost } });
});

test.each<[Record<string, unknown>, string, string[]]>([
  [{}, 'invalid_url', ['url']],
  [{ url: 'a.example' }, 'invalid_url', ['url']],
  [{ url: 'ftp://a.example/' }, 'invalid_url', ['url']],
  [{ url: ['https://a.example/', 'https://b.example/'] }, 'invalid_url', ['url']],
  [{ url: 'https://a.example/', render: 'maybe' }, 'invalid_request', ['apiParams.render']],
  [
    { url: 'https://a.example/', device_type: 'fridge', session_number: 'x' },
    'invalid_request',
    ['apiParams.device_type', 'apiParams.session_number'],
  ],
  [
    { url: 'https://a.example/', premium: 'true', ultra_premium: 'true' },
    'invalid_request',
    ['apiParams.ultra_premium'],
  ],
])('urlcost of %j is refused as %s', async (query, code, paths) => {
  const { status, body } = await urlCost(query);
  expect({ status, body }).toMatchObject({ status: 400, body: { error: expect.any(String), code } });
  expect(body.details.map((detail: { path: string }) => detail.path)).toEqual(paths);
});
