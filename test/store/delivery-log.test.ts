import { createDeliveryId } from '../../src/jobs/delivery-object';
import { batchMemberId, createBatchId, createJobId, idTimeMs } from '../../src/jobs/job-id';
import { findDelivery, listDeliveries } from '../../src/store/delivery-log';
import type { DeliveryFilter } from '../../src/store/delivery-log';
import { insertTestDelivery } from '../../src/store/test-delivery';
import { insertBatchRow } from '../support/delivery-rows';
import { useDeliveries } from './deliveries-fixture';

const store = useDeliveries();

const idsOf = async (filter: Partial<DeliveryFilter> = {}): Promise<string[]> =>
  (await listDeliveries(store.database, store.apiKeyId, { limit: 100, ...filter })).items.map(({ id }) => id);

test('deliveries of all receivers come newest first, page by page, each once', async () => {
  const made: string[] = [];
  for (let place = 0; place < 25; place++)
    made.push(
      await store.insert({ url: `https://r${place % 3}.example/`, createdAt: new Date(1_700_000_000_000 + place) }),
    );
  await store.insert({ apiKeyId: store.otherKeyId });
  const seen: string[] = [];
  let cursor: string | undefined;
  const sizes: number[] = [];
  do {
    const page = await listDeliveries(store.database, store.apiKeyId, { limit: 10, cursor });
    seen.push(...page.items.map(({ id }) => id));
    sizes.push(page.items.length);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(made.reverse());
  expect(sizes).toEqual([10, 10, 5]);
  const exact = await listDeliveries(store.database, store.apiKeyId, { limit: 25 });
  expect(exact.items).toHaveLength(25);
  expect(exact.nextCursor).toBeUndefined();
});

test('a batch has its own call and those of its members, a job its own, and nothing of their neighbours', async () => {
  const batchId = createBatchId();
  const neighbourId = createBatchId();
  for (const id of [batchId, neighbourId]) await insertBatchRow(store.database, store.apiKeyId, id);
  const first = await store.insert({ jobId: batchMemberId(batchId, 0), createdAt: new Date(1) });
  const last = await store.insert({ jobId: batchMemberId(batchId, 49_999), createdAt: new Date(2), status: 'failed' });
  const own = await store.insert({ batchId, event: 'batch.finished', createdAt: new Date(3) });
  await store.insert({ jobId: batchMemberId(neighbourId, 0) });
  await store.insert({ batchId: neighbourId, event: 'batch.finished' });
  const jobId = createJobId();
  const single = await store.insert({ jobId });
  expect(await idsOf({ batchId })).toEqual([own, last, first]);
  expect(await idsOf({ batchId, statuses: ['failed'] })).toEqual([last]);
  expect(await idsOf({ batchId, limit: 1, cursor: own })).toEqual([last]);
  expect(await idsOf({ batchId, jobId: batchMemberId(batchId, 0) })).toEqual([first]);
  expect(await idsOf({ batchId, jobId })).toEqual([]);
  expect(await idsOf({ jobId })).toEqual([single]);
  for (const filter of [{ batchId }, { jobId }, {}])
    expect((await listDeliveries(store.database, store.otherKeyId, { limit: 10, ...filter })).items).toEqual([]);
});

test('an origin is all of its URLs, test calls included', async () => {
  const plain = await store.insert({ url: 'https://a.example/1', createdAt: new Date(1) });
  const other = await store.insert({ url: 'https://a.example/2?x', createdAt: new Date(2) });
  const tested = createDeliveryId(3);
  await insertTestDelivery(store.database, store.apiKeyId, 'https://a.example/3', tested);
  await store.insert({ url: 'https://a.example:8443/1' });
  await store.insert({ url: 'https://a.example/1', apiKeyId: store.otherKeyId });
  expect(await idsOf({ origin: 'https://a.example' })).toEqual([tested, other, plain]);
});

test('a range of time begins with its first millisecond and ends before its last', async () => {
  const at = (ms: number) => new Date(1_700_000_000_000 + ms);
  const [early, first, middle, end] = [
    await store.insert({ createdAt: at(-1) }),
    await store.insert({ createdAt: at(0) }),
    await store.insert({ createdAt: at(5) }),
    await store.insert({ createdAt: at(10) }),
  ];
  expect(await idsOf({ since: at(0), until: at(10) })).toEqual([middle, first]);
  expect(await idsOf({ since: at(10) })).toEqual([end]);
  expect(await idsOf({ until: at(0) })).toEqual([early]);
  expect(
    await idsOf({ since: new Date('0001-01-01T00:00:00Z'), until: new Date('9999-12-31T23:59:59Z') }),
  ).toHaveLength(4);
});

test('several statuses are any of them', async () => {
  const made: Record<string, string> = {};
  for (const status of ['pending', 'delivered', 'failed', 'stopped'] as const)
    made[status] = await store.insert({ status });
  expect((await idsOf({ statuses: ['failed', 'pending'] })).sort()).toEqual([made['failed'], made['pending']].sort());
  expect(await idsOf({ statuses: ['stopped'] })).toEqual([made['stopped']]);
});

test('a list shows the last call, a delivery its last hundred in order', async () => {
  const id = await store.insert({ attempts: 103, status: 'failed', url: 'https://user:pass@receiver.example/hook' });
  const [listed] = (await listDeliveries(store.database, store.apiKeyId, { limit: 1 })).items;
  expect(listed).toMatchObject({ attemptCount: 103, attempts: [{ durationMs: 103, answer: 'answer 103' }] });
  expect(listed?.attempts).toHaveLength(1);
  const found = await findDelivery(store.database, store.apiKeyId, id);
  expect(found?.attempts.map(({ durationMs }) => durationMs)).toEqual(
    Array.from({ length: 100 }, (_, place) => place + 4),
  );
  expect(found).toMatchObject({
    id,
    url: 'https://***@receiver.example/hook',
    status: 'failed',
    createdAt: new Date(idTimeMs(id) ?? 0),
    endedAt: expect.any(Date),
  });
  expect(found?.attempts[0]).toEqual({
    at: new Date((idTimeMs(id) ?? 0) + 4_000),
    statusCode: 500,
    durationMs: 4,
    answer: 'answer 4',
  });
  expect(await findDelivery(store.database, store.otherKeyId, id)).toBeUndefined();
});

test('a call that got no answer has an error and nothing more', async () => {
  const id = await store.insert();
  await store.database.query(
    `insert into webhook_attempts (delivery_id, place, at, error, duration_ms) values ($1, 1, '2026-03-02T09:30:00.123Z', 'timeout', 15000)`,
    [id],
  );
  expect((await findDelivery(store.database, store.apiKeyId, id))?.attempts).toEqual([
    { at: new Date('2026-03-02T09:30:00.123Z'), error: 'timeout', durationMs: 15_000 },
  ]);
});

test('what is pending at a failing receiver is not called before that is probed', async () => {
  const id = await store.insert();
  await store.database.query(`update webhook_endpoints set next_call_at = '2100-01-01T00:00:00Z'`);
  expect((await findDelivery(store.database, store.apiKeyId, id))?.nextAttemptAt).toEqual(
    new Date('2100-01-01T00:00:00Z'),
  );
});
