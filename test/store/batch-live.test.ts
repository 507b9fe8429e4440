import { batchObject } from '../../src/jobs/batch-object';
import { createBatchId } from '../../src/jobs/job-id';
import { findBatch, insertBatch } from '../../src/store/batches';
import { findUnfinishedMembers } from '../../src/store/chunks';
import type { StoredJob } from '../../src/store/jobs';
import { endJobs, writeOutcomes } from '../../src/store/write-outcomes';
import type { JobEnd } from '../../src/store/write-outcomes';
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

async function newBatch(total: number): Promise<{ id: string; jobs: StoredJob[] }> {
  const id = createBatchId();
  const urls = Array.from({ length: total }, (_, index) => `https://h${index}.example/`);
  const times = { createdAt: new Date(), deadlineAt: new Date(Date.now() + 3_600_000) };
  const batch = { id, apiKeyId, urls, options: {}, fanOut: 'sweep' as const, prices: urls.map(() => 1), ...times };
  await db.database.transaction((tx) => insertBatch(tx, batch));
  return { id, jobs: await findUnfinishedMembers(db.database, id, 0, { fromPlace: 0, limit: 500 }) };
}

const end = (jobs: readonly StoredJob[], more: Omit<JobEnd, 'job' | 'attempts'>) =>
  endJobs(
    db.database,
    jobs.map((job) => ({ job, attempts: 1, ...more })),
  );

const shown = async (id: string) => {
  const batch = await findBatch(db.database, id);
  if (batch === undefined) throw new Error('gone');
  return batchObject(batch, { publicUrl: 'http://a', retentionMs: 1 });
};

test('a batch shows while it runs why URLs failed, which hosts are slow, how fast it is and how long it goes on', async () => {
  const { id, jobs } = await newBatch(40);
  expect(await shown(id)).toMatchObject({ failuresByReason: {}, slowestHosts: [], throughput: [] });
  expect(await shown(id)).not.toHaveProperty('etaSeconds');
  for (const [index, job] of jobs.slice(0, 15).entries())
    await end([job], {
      status: 'failed',
      failReason: index < 10 ? 'failed_due_to_timeout' : 'terminated',
      durationMs: 2_000 + index,
    });
  await end(jobs.slice(15, 20), { status: 'finished', statusCode: 200, durationMs: 100 });
  const object = await shown(id);
  expect(object).toMatchObject({
    status: 'running',
    failuresByReason: { failed_due_to_timeout: 10, terminated: 5 },
    etaSeconds: expect.any(Number),
  });
  const hosts = Array.from({ length: 10 }, (_, n) => ({ host: `h${14 - n}.example`, attempts: 1, meanMs: 2_014 - n }));
  expect(object['slowestHosts']).toEqual(hosts);
  const minutes = object['throughput'] as { finished: number; failed: number }[];
  expect(minutes.reduce((sum, { finished, failed }) => sum + finished + failed, 0)).toBe(20);

  await db.database.query('update batches set paused_at = now() where id = $1', [id]);
  expect(await shown(id)).not.toHaveProperty('etaSeconds');
  await end(jobs.slice(20), { status: 'cancelled' });
  expect(await shown(id)).not.toHaveProperty('etaSeconds');
});

test('what waits long for its next try makes the rest of a batch as long', async () => {
  const { id, jobs } = await newBatch(3);
  await end(jobs.slice(1), { status: 'finished', statusCode: 200 });
  const lastFailure = { reason: 'throttled', at: '2026-01-01T00:00:00Z' };
  const nextAttemptAt = new Date(Date.now() + 1_800_000);
  await writeOutcomes(
    db.database,
    [],
    jobs.slice(0, 1).map((job) => ({ job, attempts: 1, strikes: 0, lastFailure, nextAttemptAt, tried: [] })),
  );
  const { etaSeconds } = (await shown(id)) as { etaSeconds: number };
  expect(etaSeconds).toBeGreaterThan(1_700);
  expect(etaSeconds).toBeLessThanOrEqual(1_800);
});

test('a batch shows the last sixty minutes in which something ended', async () => {
  const { id } = await newBatch(2);
  await db.database.query(
    `insert into batch_minutes (batch_id, minute, finished, failed)
     select $1, date_trunc('minute', now()) - n * interval '1 minute', 1, n from generate_series(1, 300) n`,
    [id],
  );
  const minutes = (await shown(id))['throughput'] as { minute: string; failed: number }[];
  expect(minutes.length).toBeGreaterThanOrEqual(58);
  expect(minutes.length).toBeLessThanOrEqual(60);
  expect(minutes.at(-1)?.failed).toBe(1);
  expect(minutes[0]?.failed).toBe(minutes.length);
});

test('failures of before they were counted are counted once the batch has ended', async () => {
  const { id, jobs } = await newBatch(4);
  await end(jobs.slice(0, 2), { status: 'failed', failReason: 'terminated' });
  await db.database.query('update batch_chunks set failures = null where batch_id = $1', [id]);
  await end(jobs.slice(2, 3), { status: 'failed', failReason: 'internal_error' });
  expect(await shown(id)).toMatchObject({ failuresByReason: { internal_error: 1 } });
  await end(jobs.slice(3), { status: 'finished', statusCode: 200 });
  expect(await shown(id)).toMatchObject({ failuresByReason: { internal_error: 1, terminated: 2 } });
});
