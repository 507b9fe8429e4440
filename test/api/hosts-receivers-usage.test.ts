import express from 'express';
import request from 'supertest';
import { notFoundHandler, problemHandler } from '../../src/api/problem';
import { hostsRouter } from '../../src/api/routes/hosts';
import { receiversRouter } from '../../src/api/routes/receivers';
import { usageRouter } from '../../src/api/routes/usage';
import { parseProxies } from '../../src/fetch/proxies/parse-proxies';
import { ProxyPool } from '../../src/fetch/proxies/proxy-pool';
import { HostObject, UsageHours } from '../../src/jobs/answer-schemas';
import { ReceiverObject, ReceiverPage } from '../../src/jobs/receiver-object-schema';
import { createProxyScoreBoard } from '../../src/service/proxy-score-board';
import { ensureDefaultKey, findApiKey, findApiKeyByName } from '../../src/store/api-keys';
import { stopUrl } from '../../src/store/end-deliveries';
import { noteRests } from '../../src/store/host-pacing';
import { createApiKey } from '../../src/store/manage-api-keys';
import { endpointOf, recoverReceiver, saveHealth } from '../../src/store/receivers';
import { insertTestDelivery } from '../../src/store/test-delivery';
import { saveTroubledUrl } from '../../src/store/troubled-urls';
import { createDeliveryId } from '../../src/jobs/delivery-object';
import { createLogger } from '../../src/telemetry/logger';
import { insertDeliveryRow } from '../support/delivery-rows';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const KEY = 'key-of-this-file';
const DOWN = 'https://user:pass@down.example/hook?order=1';
const FINE = 'https://fine.example/hook';

const app = express();
let db: TestDatabase;
let apiKeyId: string;
let otherKey: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const { database } = db;
  await ensureDefaultKey(database, KEY);
  apiKeyId = (await findApiKeyByName(database, 'default'))?.id ?? '';
  otherKey = (await createApiKey(database, 'other')) ?? '';
  const deps = { database, findApiKey: (key: string) => findApiKey(database, key) };
  const hostLimitsOf = (host: string) => ({ intervalMs: host === 'slow.example' ? 100 : 0, concurrency: 8 });
  app.use([receiversRouter(deps), usageRouter(deps), hostsRouter({ ...deps, hostLimitsOf })]);
  app.use(notFoundHandler, problemHandler(createLogger('silent')));
});
afterAll(() => db.drop());

const get = (path: string, key = KEY) => request(app).get(path).set('x-api-key', key);

describe('receivers', () => {
  const failingSince = new Date('2026-03-02T09:00:00Z');
  const nextCallAt = new Date('2026-03-02T10:00:00Z');
  const down = () => endpointOf(apiKeyId, DOWN).endpointId;
  const troubled = { failures: 3, failingSince, nextCallAt };

  beforeAll(async () => {
    const { database } = db;
    for (const url of [DOWN, DOWN, FINE]) await insertDeliveryRow(database, { apiKeyId, url });
    await insertDeliveryRow(database, { apiKeyId, url: FINE, status: 'failed' });
    await insertTestDelivery(database, apiKeyId, 'https://tested.example/', createDeliveryId());
    await saveHealth(database, down(), troubled, { at: failingSince, error: 'ECONNREFUSED' });
    await saveTroubledUrl(database, down(), DOWN, troubled);
    await stopUrl(database, down(), 'https://down.example/old?a=1');
  });

  test('are listed with what waits for them and how they do, without those of test calls', async () => {
    const { status, body } = await get('/webhooks/receivers');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [
          {
            id: down(),
            origin: 'https://down.example',
            health: 'probing',
            pending: 2,
            failingSince: failingSince.toISOString(),
            nextCallAt: nextCallAt.toISOString(),
            lastError: { at: failingSince.toISOString(), error: 'ECONNREFUSED' },
            troubledUrls: 2,
          },
          {
            id: endpointOf(apiKeyId, FINE).endpointId,
            origin: 'https://fine.example',
            health: 'healthy',
            pending: 1,
            troubledUrls: 0,
          },
        ],
      },
    });
    expect(ReceiverPage.parse(body)).toEqual(body);
  });

  test('one is shown with its URLs in trouble, without passwords', async () => {
    const { body } = await get(`/webhooks/receivers/${down().toUpperCase()}`);
    expect(ReceiverObject.parse(body)).toEqual(body);
    expect(body.urls).toEqual([
      { url: 'https://down.example/old?a=1', health: 'stopped', since: expect.any(String) },
      {
        url: 'https://***@down.example/hook',
        health: 'refusing',
        since: failingSince.toISOString(),
        nextCallAt: nextCallAt.toISOString(),
      },
    ]);
  });

  test('are found by their health, and page by page', async () => {
    const originsOf = async (path: string) => {
      const { body, headers } = await get(path);
      const next = /^<([^>]+)>; rel="next"$/.exec(headers['link'] ?? '')?.[1];
      expect(next === undefined).toBe(body.nextCursor === undefined);
      return { origins: body.items.map(({ origin }: { origin: string }) => origin), next };
    };
    expect((await originsOf('/webhooks/receivers?health=healthy')).origins).toEqual(['https://fine.example']);
    expect((await originsOf('/webhooks/receivers?health=failing')).origins).toEqual([]);
    const first = await originsOf('/webhooks/receivers?limit=1');
    expect(first.origins).toEqual(['https://down.example']);
    expect(await originsOf(first.next ?? '')).toEqual({ origins: ['https://fine.example'], next: undefined });
  });

  test('of another key do not exist, nor do those of test calls', async () => {
    expect((await get('/webhooks/receivers', otherKey)).body).toEqual({ items: [] });
    const rows = await db.database.query<{ id: string }>('select id from webhook_endpoints where origin = $1', [
      'https://tested.example',
    ]);
    for (const [id, key] of [
      [down(), otherKey],
      [rows[0]?.id, KEY],
      ['x', KEY],
    ])
      expect(await get(`/webhooks/receivers/${id}`, key)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('one that answers again has no error any more', async () => {
    await recoverReceiver(db.database, down(), failingSince);
    const { body } = await get(`/webhooks/receivers/${down()}`);
    expect(body).toMatchObject({ health: 'healthy', pending: 2 });
    expect(body).not.toHaveProperty('lastError');
  });
});

describe('hosts', () => {
  test('a host that nobody asked has its limits', async () => {
    const { status, body } = await get('/hosts/Slow.Example.');
    expect({ status, body }).toEqual({
      status: 200,
      body: { host: 'slow.example', pace: { perSecond: 10 }, concurrency: 8, throttledCount: 0, proxies: [] },
    });
    expect((await get('/hosts/%5B0:0::1%5D', otherKey)).body).toEqual({
      host: '::1',
      concurrency: 8,
      throttledCount: 0,
    });
  });

  test('a rest is shown until it is over, and counts once however often it is asked for', async () => {
    const rest = (restMs: number) => noteRests(db.database, [{ host: 'a.example', restMs }]);
    await rest(60_000);
    await rest(90_000);
    const { body } = await get('/hosts/a.example');
    expect(HostObject.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      throttledCount: 1,
      restsUntil: expect.any(String),
      lastThrottledAt: expect.any(String),
    });
    await db.database.query(`update host_pacing set rests_until = now()`);
    const { restsUntil: _over, ...rested } = body;
    expect((await get('/hosts/a.example')).body).toEqual(rested);
    await rest(1_000);
    expect((await get('/hosts/a.example')).body).toMatchObject({ throttledCount: 2 });
  });

  test('an admin key sees how the proxies do that something speaks against, as the workers note it', async () => {
    const proxies = parseProxies('http://user:secret@one.example:8080 tier=premium country=de\nhttp://two.example:1');
    const pools = [new ProxyPool(proxies), new ProxyPool(proxies)];
    const [one = '', two = ''] = proxies.map(({ id }) => id);
    const logger = createLogger('silent');
    const boards = pools.map((pool) =>
      createProxyScoreBoard({ database: db.database, takeNews: () => pool.takeNews(), logger }, 20),
    );
    boards.forEach((board) => board.start());
    try {
      for (const host of ['p.example', 'p.example', 'q.example']) pools[0]?.report(one, host, 'bad');
      pools[1]?.report(one, 'p.example', 'bad');
      pools[1]?.report(two, 'p.example', 'good');
      pools[1]?.report(two, 'p.example', 'locked-out');
      const seen = await waitFor(async () => {
        const { body } = await get('/hosts/p.example');
        return body.proxies.length === 2 && body;
      });
      expect(HostObject.parse(seen)).toEqual(seen);
      expect(seen.proxies).toEqual([
        { name: one, tier: 'premium', country: 'de', score: 0.063 },
        { name: two, tier: 'standard', score: 1, restsUntil: expect.any(String) },
      ]);
      pools[1]?.report(two, 'q.example', 'good');
      await waitFor(async () => (await get('/hosts/p.example')).body.proxies.length === 1);
      expect((await get('/hosts/q.example')).body.proxies).toMatchObject([{ name: one, score: 0.25 }]);
      expect((await get('/hosts/p.example', otherKey)).body).not.toHaveProperty('proxies');
    } finally {
      await Promise.all(boards.map((board) => board.stop()));
    }
  });

  test.each(['a.example:80', 'a%20b', 'https:%2F%2Fa.example', '::1'])('%s is not a host', async (host) => {
    expect(await get(`/hosts/${host}`)).toMatchObject({ status: 400, body: { errors: [{ path: 'host' }] } });
  });
});

describe('usage', () => {
  beforeAll(() =>
    db.database.query(
      `insert into usage_hours (api_key_id, hour, credits, finished, failed, cancelled)
       select $1, hour, 5, 3, 2, 1 from generate_series('2026-03-01T00:00Z'::timestamptz, '2026-03-02T00:00Z', '1 hour') hour`,
      [apiKeyId],
    ),
  );

  test('has the hours of a range, those included that it begins and ends in', async () => {
    const range = 'since=2026-03-01T08:30:00Z&until=2026-03-01T10:00:01Z';
    const { status, body } = await get(`/account/usage?${range}`);
    const used = { credits: 5, finished: 3, failed: 2, cancelled: 1 };
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [8, 9, 10].map((hour) => ({ hour: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(), ...used })),
      },
    });
    expect(UsageHours.parse(body)).toEqual(body);
    expect((await get(`/account/usage?${range}`, otherKey)).body).toEqual({ items: [] });
    expect((await get('/account/usage?until=2026-03-02T00:00:00Z')).body.items).toHaveLength(24);
    for (const query of [
      '',
      '?since=0000-01-01T00:00:00Z',
      '?until=0000-01-01T00:00:00Z',
      '?until=9999-12-31T23:59:59Z',
    ])
      expect((await get(`/account/usage${query}`)).status).toBe(200);
  });

  test.each([
    ['since=yesterday', 'since'],
    ['since=2026-03-02T00:00:00Z&until=2026-03-02T00:00:00Z', 'until'],
    ['since=2999-01-01T00:00:00Z', 'since'],
    ['day=1', 'day'],
  ])('%s is refused', async (query, path) => {
    expect(await get(`/account/usage?${query}`)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });
});

test.each(['/webhooks/receivers', '/webhooks/receivers/x', '/hosts/a.example', '/account/usage'])(
  '%s needs a key',
  async (path) => {
    expect(await request(app).get(path)).toMatchObject({
      ...{ status: 401, type: 'application/problem+json', body: { code: 'missing_api_key' } },
    });
  },
);
