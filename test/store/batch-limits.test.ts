import { createBatchId } from '../../src/jobs/job-id';
import { findPacedHosts, readBatchLimits } from '../../src/store/batch-limits';
import { findBatch, insertBatch } from '../../src/store/batches';
import { noteBatchFetches } from '../../src/store/batch-fetches';
import { noteRests, reserveSlots } from '../../src/store/host-pacing';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

const WORKER = '01994f3c-6f2b-7a41-8d05-e17b90c20001';

let db: TestDatabase;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(() => db.drop());

async function newBatch(urls: readonly string[], options = {}): Promise<string> {
  const id = createBatchId();
  const times = { createdAt: new Date(), deadlineAt: new Date(Date.now() + 3_600_000) };
  const batch = { id, apiKeyId, urls, options, fanOut: 'sweep' as const, prices: urls.map(() => 1), ...times };
  await db.database.transaction((tx) => insertBatch(tx, batch));
  return id;
}

async function limitsOf(id: string) {
  const batch = await findBatch(db.database, id);
  if (batch === undefined) throw new Error('gone');
  return readBatchLimits(db.database, batch);
}

/** Writes rows of URLs at these places (from 0) of each chunk: `finished`, or `running` when they wait for their next try. */
const writeRows = (batchId: string, status: 'finished' | 'running', from: number, to: number) =>
  db.database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, attempts, deadline_at, ended_at, next_attempt_at)
     select (left(c.batch_id::text, 32) || lpad(to_hex(c.number * 500 + u.place), 4, '0'))::uuid, c.batch_id, c.number, $2, u.url, $3::text, 1, now() + interval '1 hour',
       case when $3::text = 'finished' then now() end, case when $3::text = 'running' then now() + u.place * interval '1 minute' end
     from batch_chunks c cross join lateral unnest(c.urls) with ordinality as u(url, place)
     where c.batch_id = $1 and u.place > $4 and u.place <= $5`,
    [batchId, apiKeyId, status, from, to],
  );

test('of 50,000 URLs a sample tells which hosts are left, and rows and notes what is in flight and what waits', async () => {
  // In each chunk: 200 of one host, 100 of another, 200 of a third.
  const hostAt = (place: number) => (place < 200 ? 'done.example' : place < 300 ? 'waits.example' : 'new.example');
  const id = await newBatch(Array.from({ length: 50_000 }, (_, index) => `https://${hostAt(index % 500)}/${index}`));
  await writeRows(id, 'finished', 0, 200);
  await writeRows(id, 'running', 200, 300);
  await db.database.query('update batch_chunks set finished = 200 where batch_id = $1', [id]);
  await noteBatchFetches(db.database, WORKER, new Map([[id, { first: 30, again: 10 }]]));
  const limits = await limitsOf(id);
  expect(limits).toMatchObject({ isStarted: false, isRendered: false, inFlight: 40, waiting: 9_990 });
  expect(limits?.nextTryAt?.getTime()).toBeGreaterThan(Date.now() + 200 * 60_000);
  expect(limits).not.toHaveProperty('key');
  expect(limits?.hosts).toEqual([
    { host: 'new.example', left: 20_000 },
    { host: 'waits.example', left: 10_000 },
  ]);
});

test('a batch that needs a browser, has begun and has a key with a limit', async () => {
  const id = await newBatch(['https://a.example/'], { apiParams: { wait_for_selector: 'main' } });
  await db.database.query('update batches set start_acknowledged_at = now() where id = $1', [id]);
  await db.database.query('update api_keys set max_concurrency = 7');
  await noteBatchFetches(db.database, WORKER, new Map([[id, { first: 1, again: 0 }]]));
  expect(await limitsOf(id)).toMatchObject({ isStarted: true, isRendered: true, inFlight: 1, key: { limit: 7 } });
  const batch = await findBatch(db.database, id);
  await db.database.query('delete from batches where id = $1', [id]);
  expect(batch && (await readBatchLimits(db.database, batch))).toBeUndefined();
});

test('hosts are told that rest, or whose next turns are taken', async () => {
  await noteRests(db.database, [{ host: 'rests.example', restMs: 60_000 }]);
  await reserveSlots(db.database, [{ host: 'paced.example', intervalMs: 60_000, slots: 1 }]);
  const hosts = await findPacedHosts(db.database, ['rests.example', 'paced.example', 'other.example']);
  expect(new Map(hosts.map(({ host, ...noted }) => [host, noted]))).toEqual(
    new Map([
      ['rests.example', { isPaceFull: false, restsUntil: expect.any(Date) }],
      ['paced.example', { isPaceFull: true }],
    ]),
  );
});
