import { createDeliveryId } from '../../src/jobs/delivery-object';
import { stopUrl } from '../../src/store/end-deliveries';
import { endpointOf } from '../../src/store/receivers';
import { replayDeliveries, replayDelivery } from '../../src/store/replay-deliveries';
import { MAX_PENDING_TESTS, insertTestDelivery } from '../../src/store/test-delivery';
import { waitFor } from '../support/wait-for';
import { useDeliveries } from './deliveries-fixture';

const URL_A = 'https://a.example/hook';
const LONG_AGO = new Date(0);

const store = useDeliveries({ url: URL_A });

async function rowOf(id: string) {
  const [row] = await store.database.query('select * from webhook_deliveries where id = $1', [id]);
  return row;
}

const isSomebodyWaiting = async (): Promise<boolean> => {
  const waiting = await store.database.query(
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return waiting.length > 0;
};

const stoppedUrls = async (): Promise<number> => (await store.database.query('select 1 from webhook_stops')).length;

test('a replay begins a new round and keeps the log of the one before', async () => {
  const createdAt = new Date(1_700_000_000_000);
  const id = await store.insert({ status: 'failed', attempts: 3, createdAt });
  const before = Date.now();
  const { endpointId, delivery } = (await replayDelivery(store.database, store.apiKeyId, id)) ?? {};
  expect(endpointId).toBe(endpointOf(store.apiKeyId, URL_A).endpointId);
  expect(delivery).toMatchObject({ id, status: 'pending', createdAt, attemptCount: 3 });
  expect(delivery).not.toHaveProperty('endedAt');
  expect(delivery?.attempts).toHaveLength(3);
  const row = await rowOf(id);
  expect(row).toMatchObject({ status: 'pending', attempts: 3, round: 2, round_attempts: 0, ended_at: null });
  expect(row?.['round_started_at'].getTime()).toBeGreaterThan(before - 1_000);
  expect(row?.['next_attempt_at']).toEqual(row?.['round_started_at']);
});

test('another key has no such delivery, and nothing changes', async () => {
  const id = await store.insert({ status: 'failed' });
  const before = await rowOf(id);
  expect(await replayDelivery(store.database, store.otherKeyId, id)).toBeUndefined();
  expect(await replayDeliveries(store.database, store.otherKeyId, { since: LONG_AGO, statuses: ['failed'] })).toEqual({
    count: 0,
    endpointIds: [],
  });
  expect(await rowOf(id)).toEqual(before);
});

test('a URL that has answered 410 is called again, the others of its origin stay stopped', async () => {
  const { endpointId } = endpointOf(store.apiKeyId, URL_A);
  const id = await store.insert();
  const other = await store.insert({ url: `${URL_A}/other` });
  for (const url of [URL_A, `${URL_A}/other`]) await stopUrl(store.database, endpointId, url);
  expect(await stoppedUrls()).toBe(2);
  expect((await replayDelivery(store.database, store.apiKeyId, id))?.delivery.status).toBe('pending');
  expect(await stoppedUrls()).toBe(1);
  expect(await rowOf(other)).toMatchObject({ status: 'stopped', round: 1 });
});

test('a receiver that is failing is tried at once, one that is well is not touched', async () => {
  const id = await store.insert({ status: 'failed' });
  const well = await store.insert({ status: 'failed', url: 'https://b.example/' });
  await store.database.query(
    `update webhook_endpoints set next_call_at = now() + interval '1 hour' where origin = 'https://a.example'`,
  );
  for (const each of [id, well]) await replayDelivery(store.database, store.apiKeyId, each);
  const endpoints = await store.database.query(
    'select next_call_at <= now() as is_due from webhook_endpoints order by origin',
  );
  expect(endpoints).toEqual([{ is_due: true }, { is_due: null }]);
});

test('a range takes what its statuses, times and origin say, of this key alone, and no test calls', async () => {
  const at = (ms: number) => new Date(1_700_000_000_000 + ms);
  const failed = await store.insert({ status: 'failed', createdAt: at(0) });
  const stopped = await store.insert({ status: 'stopped', createdAt: at(1), url: 'https://b.example/' });
  const untouched = [
    await store.insert({ status: 'delivered', createdAt: at(1) }),
    await store.insert({ status: 'pending', createdAt: at(1) }),
    await store.insert({ status: 'failed', createdAt: at(-1) }),
    await store.insert({ status: 'failed', createdAt: at(2) }),
    await store.insert({ status: 'failed', createdAt: at(1), event: 'test' }),
    await store.insert({ status: 'failed', createdAt: at(1), apiKeyId: store.otherKeyId }),
  ];
  const range = { since: at(0), until: at(2), statuses: ['failed', 'stopped'] } as const;
  const first = await replayDeliveries(store.database, store.apiKeyId, { ...range, origin: 'https://b.example' });
  expect(first).toEqual({ count: 1, endpointIds: [endpointOf(store.apiKeyId, 'https://b.example/').endpointId] });
  expect(await rowOf(stopped)).toMatchObject({ status: 'pending', round: 2 });
  expect(await rowOf(failed)).toMatchObject({ status: 'failed', round: 1 });
  const second = await replayDeliveries(store.database, store.apiKeyId, range);
  expect(second).toEqual({ count: 1, endpointIds: [endpointOf(store.apiKeyId, URL_A).endpointId] });
  for (const id of untouched) expect(await rowOf(id)).toMatchObject({ round: 1 });
  expect(await replayDeliveries(store.database, store.apiKeyId, range)).toEqual({ count: 0, endpointIds: [] });
});

test('more than a group is replayed whole, each once', async () => {
  const { endpointId } = endpointOf(store.apiKeyId, URL_A);
  await store.insert({ status: 'failed' });
  await store.database.query(
    `insert into webhook_deliveries (id, endpoint_id, event, url, status)
     select (lpad(to_hex(1700000000000 + n), 12, '0') || '70008' || substr(md5(n::text), 1, 15))::uuid, $1, 'job.failed', $2, 'failed'
     from generate_series(1, 4499) n`,
    [endpointId, URL_A],
  );
  const replayed = await replayDeliveries(store.database, store.apiKeyId, {
    since: LONG_AGO,
    statuses: ['failed', 'pending'],
  });
  expect(replayed).toEqual({ count: 4_500, endpointIds: [endpointId] });
  expect(await store.database.query('select status, round, count(*) from webhook_deliveries group by 1, 2')).toEqual([
    { status: 'pending', round: 2, count: 4_500 },
  ]);
});

test('two who replay the same range at once replay each delivery once', async () => {
  for (let place = 0; place < 30; place++) await store.insert({ status: 'failed' });
  const both = await Promise.all(
    [1, 2].map(() => replayDeliveries(store.database, store.apiKeyId, { since: LONG_AGO, statuses: ['failed'] })),
  );
  expect(both.reduce((total, { count }) => total + count, 0)).toBe(30);
  expect(await store.database.query('select distinct round from webhook_deliveries')).toEqual([{ round: 2 }]);
});

test('what is delivered while its group is being replayed stays delivered', async () => {
  const id = await store.insert({ status: 'failed' });
  await store.withClient(async (client) => {
    await client.query('begin');
    await client.query(`update webhook_deliveries set status = 'delivered' where id = $1`, [id]);
    const replay = replayDeliveries(store.database, store.apiKeyId, { since: LONG_AGO, statuses: ['failed'] });
    await waitFor(isSomebodyWaiting);
    await client.query('commit');
    expect(await replay).toEqual({ count: 0, endpointIds: [] });
    expect(await rowOf(id)).toMatchObject({ status: 'delivered', round: 1 });
  });
});

test('a group that waits for somebody who waits for it is tried again', async () => {
  const first = await store.insert({ status: 'failed', createdAt: new Date(1) });
  const second = await store.insert({ status: 'failed', createdAt: new Date(2) });
  await store.withClient(async (client) => {
    const lock = (id: string) => client.query('select 1 from webhook_deliveries where id = $1 for update', [id]);
    // The connection that detects a deadlock is ended; this one never looks for it.
    await client.query("set deadlock_timeout = '10min'");
    await client.query('begin');
    await lock(second);
    const replay = replayDeliveries(store.database, store.apiKeyId, { since: LONG_AGO, statuses: ['failed'] });
    await waitFor(isSomebodyWaiting);
    await lock(first);
    await client.query('commit');
    expect(await replay).toMatchObject({ count: 2 });
  });
});

test('so many test calls may wait and no more, also when they are asked for at the same time; what is made leaves room', async () => {
  const test = (keyId = store.apiKeyId) => insertTestDelivery(store.database, keyId, URL_A, createDeliveryId());
  await store.insert();
  const asked = await Promise.all(Array.from({ length: MAX_PENDING_TESTS + 10 }, () => test()));
  expect(asked.filter((each) => each !== undefined)).toHaveLength(MAX_PENDING_TESTS);
  expect(await test()).toBeUndefined();
  expect(await test(store.otherKeyId)).toMatchObject({ delivery: { event: 'test', status: 'pending' } });
  await store.database.query(`update webhook_deliveries set status = 'failed' where id = $1`, [asked[0]?.delivery.id]);
  expect(await test()).toMatchObject({ delivery: { url: URL_A, attemptCount: 0 } });
});
