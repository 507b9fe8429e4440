import { batchMemberId, createBatchId, createJobId } from '../../src/jobs/job-id';
import { findBatch, insertBatch } from '../../src/store/batches';
import { chunkCounts, findUnfinishedMembers } from '../../src/store/chunks';
import { endJobs, writeOutcomes } from '../../src/store/write-outcomes';
import type { JobEnd } from '../../src/store/write-outcomes';
import { admitJob } from '../../src/store/admission';
import { findJob, insertJob } from '../../src/store/jobs';
import type { StoredJob } from '../../src/store/jobs';
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

const times = () => ({ createdAt: new Date(), deadlineAt: new Date(Date.now() + 60_000) });

async function newBatch(total: number, options = {}): Promise<string> {
  const id = createBatchId();
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      id,
      apiKeyId,
      urls: Array.from({ length: total }, (_, index) => `https://a.example/${index}`),
      options,
      fanOut: 'jobs',
      prices: Array.from({ length: total }, () => 5),
      ...times(),
    }),
  );
  return id;
}

async function member(batchId: string, index: number) {
  const job = await findJob(db.database, batchMemberId(batchId, index));
  if (job === undefined) throw new Error('no such member');
  return job;
}

test('a member exists without a row of its own and takes the options of its batch', async () => {
  const batchId = await newBatch(501, { meta: { a: [1, null] }, headers: { 'x-a': 'b' } });
  const last = await member(batchId, 500);
  expect(last).toMatchObject({
    batchId,
    chunkNumber: 1,
    url: 'https://a.example/500',
    status: 'running',
    attempts: 0,
    meta: { a: [1, null] },
    options: { headers: { 'x-a': 'b' } },
  });
  expect(await findJob(db.database, batchMemberId(batchId, 501))).toBeUndefined();
  expect(await findJob(db.database, createJobId())).toBeUndefined();
});

test('the same end twice, and a second end, change rows, counters, usage and outbox once', async () => {
  const batchId = await newBatch(2, { callback: { type: 'webhook', url: 'https://r.example/hook' } });
  const end: JobEnd = { job: await member(batchId, 0), status: 'finished', attempts: 1, statusCode: 200 };
  const charged = async () =>
    (await db.database.query<{ credits: number }>('select credits from usage where api_key_id = $1', [apiKeyId]))[0]
      ?.credits ?? 0;
  const before = await charged();
  expect([...(await endJobs(db.database, [end])).ids]).toEqual([end.job.id]);
  const again = await endJobs(db.database, [end]);
  expect(again).toEqual({ ids: new Set(), endpointIds: [] });
  expect((await endJobs(db.database, [{ ...end, status: 'failed' }])).ids.size).toBe(0);
  expect(await chunkCounts(db.database, batchId, [0])).toMatchObject({
    total: 2,
    finished: 1,
    failed: 0,
    cancelled: 0,
  });
  expect(await db.database.query('select event, url from webhook_deliveries where job_id = $1', [end.job.id])).toEqual([
    { event: 'job.finished', url: 'https://r.example/hook' },
  ]);
  expect((await charged()) - before).toBe(5); // the price of one URL, once
  expect((await findJob(db.database, end.job.id))?.status).toBe('finished');
});

test('an attempt that is recorded late does not bring an ended job back', async () => {
  const batchId = await newBatch(1);
  const job = await member(batchId, 0);
  await endJobs(db.database, [{ job, status: 'cancelled', attempts: 0 }]);
  const late = {
    job,
    attempts: 3,
    strikes: 0,
    lastFailure: { reason: 'refused', at: '2026-01-01T00:00:00Z' },
    nextAttemptAt: new Date(),
    tried: [],
  };
  expect((await writeOutcomes(db.database, [], [late])).retried.size).toBe(0);
  expect(await findJob(db.database, job.id)).toMatchObject({ status: 'cancelled', attempts: 0 });
});

test.each([
  ['failed_due_to_timeout', 'its turn had not come when its time was over'],
  ['terminated', 'its workflow was ended before the first fetch'],
  ['internal_error', 'no fetch was made'],
] as const)('a job that ends as %s before its first fetch says why it was not tried', async (failReason, detail) => {
  const job = await member(await newBatch(1), 0);
  await endJobs(db.database, [{ job, status: 'failed', attempts: 0, failReason }]);
  expect((await findJob(db.database, job.id))?.lastFailure).toMatchObject({ reason: 'not-tried', detail });
});

test('an attempt that was recorded beside the end of its job is what the job says of itself', async () => {
  const job = await member(await newBatch(1), 0);
  const lastFailure = { reason: 'refused', statusCode: 500, at: '2026-01-01T00:00:00Z' };
  const attempt = { job, attempts: 1, strikes: 0, lastFailure, nextAttemptAt: new Date(), tried: [] };
  await writeOutcomes(db.database, [], [attempt]);
  await endJobs(db.database, [{ job, status: 'failed', attempts: 0, failReason: 'failed_due_to_timeout' }]);
  expect(await findJob(db.database, job.id)).toMatchObject({ status: 'failed', attempts: 1, lastFailure });
});

test('counts sum to the total at every moment while many endings race', async () => {
  const total = 1_100;
  const batchId = await newBatch(total);
  const jobs = (
    await Promise.all(
      [0, 1, 2].map((chunk) => findUnfinishedMembers(db.database, batchId, chunk, { fromPlace: 0, limit: 500 })),
    )
  ).flat();
  expect(jobs).toHaveLength(total);
  const statuses = ['finished', 'failed', 'cancelled'] as const;
  let isDone = false;
  const watching = (async () => {
    let looks = 0;
    while (!isDone) {
      const batch = await findBatch(db.database, batchId);
      if (batch === undefined) throw new Error('gone');
      const ended = batch.finished + batch.failed + batch.cancelled;
      expect(ended + batch.running).toBeLessThanOrEqual(total);
      expect(batch.endedAt !== undefined).toBe(ended === total);
      looks += 1;
    }
    return looks;
  })();
  // Groups overlap and come in both orders, so that rows and chunks are contended and every job is ended twice.
  const groups = Array.from({ length: 44 }, (_, group) => jobs.filter((_job, index) => index % 22 === group % 22)).map(
    (group, index) => (index % 2 === 0 ? group : group.reverse()),
  );
  await Promise.all(
    groups.map(async (group, number) => {
      await writeOutcomes(
        db.database,
        [],
        group.slice(0, 5).map((job) => ({
          job,
          attempts: 1,
          strikes: 0,
          lastFailure: { reason: 'refused', at: '' },
          nextAttemptAt: new Date(),
          tried: [],
        })),
      );
      await endJobs(
        db.database,
        group.map((job, index) => ({ job, attempts: 1, status: statuses[(index + number) % 3] ?? 'failed' })),
      );
    }),
  );
  isDone = true;
  expect(await watching).toBeGreaterThan(0);
  const batch = await findBatch(db.database, batchId);
  expect(batch).toMatchObject({ total, running: 0, endedAt: expect.any(Date) });
  const rows = await db.database.query<{ status: string; n: number }>(
    'select status, count(*) as n from jobs where batch_id = $1 group by status',
    [batchId],
  );
  expect(Object.fromEntries(rows.map((row) => [row.status, row.n]))).toEqual({
    finished: batch?.finished,
    failed: batch?.failed,
    cancelled: batch?.cancelled,
  });
});

test('a URL of 8,192 bytes, NUL in meta and a lone surrogate survive the store', async () => {
  const url = `https://a.example/${'ü'.repeat(4_080)}`;
  const id = createJobId();
  await insertJob(db.database, {
    id,
    apiKeyId,
    url,
    options: { meta: { text: 'a\u0000b\ud800' } },
    price: 1,
    ...times(),
  });
  expect(await findJob(db.database, id)).toMatchObject({ url, meta: { text: 'a\u0000b\ud800' } });
});

describe('a surcharge', () => {
  async function keyWith(creditLimit: number | null): Promise<string> {
    const [key] = await db.database.query<{ id: string }>(
      `with made as (insert into api_keys (name, key_hash, credit_limit) values (gen_random_uuid()::text, sha256(gen_random_uuid()::text::bytea), $1) returning id)
       insert into usage (api_key_id) select id from made returning api_key_id as id`,
      [creditLimit],
    );
    return key?.id ?? '';
  }
  async function jobsOf(apiKeyId: string, count: number): Promise<StoredJob[]> {
    const jobs = Array.from({ length: count }, () => ({
      ...{ id: createJobId(), apiKeyId, url: 'https://a.example/', options: {}, price: 5, ...times() },
    }));
    for (const job of jobs) await admitJob(db.database, job);
    return Promise.all(jobs.map(async ({ id }) => (await findJob(db.database, id)) as StoredJob)); // as: inserted just now
  }
  const ended = (job: StoredJob, surcharge: number): JobEnd => ({
    ...{ job, status: 'finished', attempts: 2, statusCode: 200, surcharge },
  });
  const usageOf = async (id: string) =>
    (await db.database.query('select credits, reserved from usage where api_key_id = $1', [id]))[0];

  test('comes on top of the price, once', async () => {
    const key = await keyWith(null);
    const [job] = await jobsOf(key, 1);
    if (job === undefined) throw new Error('no job');
    await endJobs(db.database, [ended(job, 10)]);
    await endJobs(db.database, [ended(job, 10)]);
    expect(await findJob(db.database, job.id)).toMatchObject({ credits: 15 });
    expect(await usageOf(key)).toEqual({ credits: 15, reserved: 0 });
  });

  test('is charged as far as the credits of the key go, and never overdraws them', async () => {
    const key = await keyWith(40);
    const jobs = await jobsOf(key, 4);
    // 20 are reserved for the prices: two surcharges fit.
    await endJobs(
      db.database,
      jobs.map((job) => ended(job, 10)),
    );
    expect(await usageOf(key)).toEqual({ credits: 40, reserved: 0 });
  });

  test('does not wait for somebody who waits for it', async () => {
    const key = await keyWith(1_000);
    for (let round = 0; round < 10; round += 1) {
      const [job] = await jobsOf(key, 1);
      if (job === undefined) throw new Error('no job');
      const cancelled: JobEnd = { job, status: 'cancelled', attempts: 1 };
      await Promise.all([
        ...[
          endJobs(db.database, [ended(job, 10)]),
          endJobs(db.database, [cancelled]),
          endJobs(db.database, [ended(job, 10)]),
        ],
      ]);
    }
    expect(await usageOf(key)).toMatchObject({ reserved: 0 });
  });

  test('of a status that is not charged is none', async () => {
    const key = await keyWith(null);
    const [job] = await jobsOf(key, 1);
    if (job === undefined) throw new Error('no job');
    await endJobs(db.database, [{ ...ended(job, 10), statusCode: 403 }]);
    expect(await findJob(db.database, job.id)).toMatchObject({ status: 'finished', credits: 0 });
  });
});

test('the statement that ends jobs also counts reasons, minutes and slow hosts of their batch', async () => {
  const batchId = await newBatch(4);
  const jobs = await Promise.all([0, 1, 2, 3].map((index) => member(batchId, index)));
  const [first, second, third, fourth] = jobs as [StoredJob, StoredJob, StoredJob, StoredJob];
  const failed = { status: 'failed', attempts: 1, durationMs: 2_500 } as const;
  await endJobs(db.database, [
    { job: first, status: 'finished', attempts: 1, statusCode: 200, durationMs: 100 },
    { job: second, failReason: 'failed_due_to_timeout', ...failed },
  ]);
  await endJobs(db.database, [{ job: third, failReason: 'failed_due_to_timeout', ...failed }]);
  await endJobs(db.database, [{ job: fourth, failReason: 'too_many_redirects', ...failed }]);
  await endJobs(db.database, [{ job: fourth, failReason: 'too_many_redirects', ...failed, durationMs: 1 }]);
  const [chunk] = await db.database.query('select failures, reserved from batch_chunks where batch_id = $1', [batchId]);
  expect(chunk).toEqual({ failures: { failed_due_to_timeout: 2, too_many_redirects: 1 }, reserved: 0 });
  const [minutes] = await db.database.query(
    'select sum(finished)::int as finished, sum(failed)::int as failed from batch_minutes where batch_id = $1',
    [batchId],
  );
  expect(minutes).toEqual({ finished: 1, failed: 3 });
  const slow = 'select host, attempts, total_ms from batch_slow_hosts where batch_id = $1';
  expect(await db.database.query(slow, [batchId])).toEqual([{ host: 'a.example', attempts: 3, total_ms: 7_500 }]);
});

test('what a key used stands in the hour in which it ended, and sums to its usage', async () => {
  const { database } = db;
  const summed = async (of: string) => (await database.query(`select ${of} where api_key_id = $1`, [apiKeyId]))[0];
  await database.query('delete from usage_hours');
  await database.query('update usage set credits = 0, finished_count = 0, failed_count = 0, cancelled_count = 0');
  const batchId = await newBatch(5);
  const jobs = await Promise.all([0, 1, 2, 3, 4].map((index) => member(batchId, index)));
  const statuses = ['finished', 'finished', 'failed', 'cancelled', 'finished'] as const;
  const ends = jobs.map((job, index): JobEnd => ({
    ...{ job, status: statuses[index] ?? 'failed', attempts: 1, statusCode: 200 },
  }));
  await endJobs(database, ends.slice(0, 3));
  await endJobs(database, ends);
  const used = { credits: 15, finished: 3, failed: 1, cancelled: 1 };
  const hours =
    'sum(credits)::int as credits, sum(finished)::int as finished, sum(failed)::int as failed, sum(cancelled)::int as cancelled';
  expect(await summed(`${hours}, count(*)::int <= 2 as is_now from usage_hours`)).toEqual({ ...used, is_now: true });
  expect(
    await summed(
      'credits, finished_count as finished, failed_count as failed, cancelled_count as cancelled from usage',
    ),
  ).toEqual(used);
});

test('statements that end jobs of one batch and key in opposite ways do not wait for each other', async () => {
  // With a limit, the row of its usage is locked before a surcharge, and otherwise behind the jobs.
  await db.database.query('update api_keys set credit_limit = 1000000 where id = $1', [apiKeyId]);
  const batchId = await newBatch(400, {});
  const jobs = await findUnfinishedMembers(db.database, batchId, 0, { fromPlace: 0, limit: 400 });
  const ended = await Promise.all(
    jobs.map((job, index) =>
      endJobs(db.database, [
        index % 2 === 0
          ? { job, status: 'finished', attempts: 1, statusCode: 200, surcharge: 1, durationMs: 3_000 }
          : { job, status: 'failed', attempts: 1, failReason: 'internal_error', durationMs: 3_000 },
      ]),
    ),
  );
  expect(ended.flatMap(({ ids }) => [...ids])).toHaveLength(400);
});
