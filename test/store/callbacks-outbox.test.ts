import { createBatchId, batchMemberId } from '../../src/jobs/job-id';
import { insertBatch } from '../../src/store/batches';
import { findDueDeliveries, recordCalls } from '../../src/store/deliveries';
import { findDelivery } from '../../src/store/delivery-log';
import { endBatch } from '../../src/store/end-batch';
import { stopUrl } from '../../src/store/end-deliveries';
import { endpointOf, findNeglectedEndpoints, saveHealth } from '../../src/store/receivers';
import { findJobs } from '../../src/store/jobs';
import { createPace } from '../../src/async/work-pace';
import { purgeCallbacks } from '../../src/store/purge';
import { endJobs } from '../../src/store/write-outcomes';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

let db: TestDatabase;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(() => db.drop());

let port = 1;
const newUrl = () => `http://receiver.example:${(port += 1)}/hook`;

async function endedBatch(
  callbackUrl: string | undefined,
  onDoneUrl?: string,
): Promise<{ id: string; endpointIds: readonly string[] }> {
  const id = createBatchId();
  const options = callbackUrl === undefined ? {} : { callback: { type: 'webhook' as const, url: callbackUrl } };
  const times = { createdAt: new Date(), deadlineAt: new Date(Date.now() + 60_000) };
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      ...{ id, apiKeyId, options, fanOut: 'jobs', onDoneUrl, ...times },
      urls: ['https://a.example/', 'https://b.example/'],
      prices: [1, 1],
    }),
  );
  const jobs = await findJobs(
    db.database,
    [0, 1].map((index) => batchMemberId(id, index)),
  );
  const ends = [...jobs.values()].map((job) => ({ job, status: 'finished' as const, attempts: 1 }));
  return { id, endpointIds: (await endJobs(db.database, ends)).endpointIds };
}

const deliveriesTo = (url: string) =>
  db.database.query(
    'select event, status, ended_at is not null as is_ended from webhook_deliveries where url = $1 order by id',
    [url],
  );

test('the end of a batch is reported once, whoever notes it', async () => {
  const url = newUrl();
  const { id } = await endedBatch(undefined, url);
  const noted = await Promise.all([endBatch(db.database, id), endBatch(db.database, id), endBatch(db.database, id)]);
  expect(noted.flatMap((each) => each?.endpointIds)).toEqual([endpointOf(apiKeyId, url).endpointId]);
  expect(await deliveriesTo(url)).toEqual([{ event: 'batch.finished', status: 'pending', is_ended: false }]);
});

test('what is to be told to a URL that has answered 410 is noted as stopped, and no other', async () => {
  const [gone, other] = [newUrl(), newUrl()];
  await endedBatch(gone);
  await stopUrl(db.database, endpointOf(apiKeyId, gone).endpointId, gone);
  const { id } = await endedBatch(gone, gone);
  await endBatch(db.database, id);
  await endedBatch(other);
  const rows = await deliveriesTo(gone);
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row).toMatchObject({ status: 'stopped', is_ended: true });
  expect(await deliveriesTo(other)).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
});

test('a receiver that is being probed is neither woken nor neglected before its time', async () => {
  const url = newUrl();
  const { endpointId } = endpointOf(apiKeyId, url);
  expect((await endedBatch(url)).endpointIds).toEqual([endpointId]);
  const neglected = async () =>
    (await findNeglectedEndpoints(db.database, { lateMs: 0, limit: 100 })).includes(endpointId);
  expect(await neglected()).toBe(true);
  const probed = { failures: 3, failingSince: new Date(), nextCallAt: new Date(Date.now() + 60_000) };
  await saveHealth(db.database, endpointId, probed);
  expect((await endedBatch(url)).endpointIds).toEqual([]);
  expect(await neglected()).toBe(false);
  await saveHealth(db.database, endpointId, { ...probed, nextCallAt: new Date(Date.now() - 1_000) });
  expect((await endedBatch(url)).endpointIds).toEqual([endpointId]);
  expect(await neglected()).toBe(true);
});

test('what belongs to no result goes with the retention, and receivers without anything to be told', async () => {
  const url = newUrl();
  const { id } = await endedBatch(url, url);
  await endBatch(db.database, id);
  const { endpointId } = endpointOf(apiKeyId, url);
  await stopUrl(db.database, endpointId, 'http://elsewhere.example/');
  await db.database.query(
    `insert into webhook_deliveries (id, endpoint_id, event, url) values (gen_random_uuid(), $1, 'test', $2)`,
    [endpointId, url],
  );
  const purge = () =>
    purgeCallbacks(
      db.database,
      new Date(Date.now() + 1_000),
      createPace({
        restFactor: 0,
        endsAtMs: Date.now() + 10_000,
        signal: new AbortController().signal,
        onStep: () => undefined,
      }),
    );
  const left = async () => ({
    deliveries: (await deliveriesTo(url)).length,
    stops: (await db.database.query('select 1 from webhook_stops where endpoint_id = $1', [endpointId])).length,
    endpoints: (await db.database.query('select 1 from webhook_endpoints where id = $1', [endpointId])).length,
  });
  await purge();
  expect(await left()).toEqual({ deliveries: 3, stops: 0, endpoints: 1 });
  await db.database.query('delete from batches where id = $1', [id]);
  await purge();
  expect(await left()).toEqual({ deliveries: 0, stops: 0, endpoints: 0 });
});

test('of a delivery that is called over and over the last 100 calls are kept', async () => {
  const url = newUrl();
  await endedBatch(url);
  const [delivery] = await findDueDeliveries(db.database, endpointOf(apiKeyId, url).endpointId, { limit: 1 });
  if (delivery === undefined) throw new Error('nothing is due');
  const at = (call: number) => new Date(Date.UTC(2026, 2, 2) + call * 1_000);
  for (let call = 1; call <= 130; call += 1) {
    const record = { delivery, status: 'pending' as const, nextAttemptAt: new Date(), at: at(call), durationMs: call };
    await recordCalls(db.database, [record]);
  }
  const found = await findDelivery(db.database, apiKeyId, delivery.id);
  expect(found?.attemptCount).toBe(130);
  expect(found?.attempts.map(({ durationMs }) => durationMs)).toEqual(Array.from({ length: 100 }, (_, i) => 31 + i));
});
