import { batchMemberId, createBatchId } from '../../src/jobs/job-id';
import { findBatch, insertBatch } from '../../src/store/batches';
import type { Queryable } from '../../src/store/database';
import { endBatch } from '../../src/store/end-batch';
import { findJob, findTried } from '../../src/store/jobs';
import type { StoredJob } from '../../src/store/jobs';
import { retryFailed } from '../../src/store/retry-failed';
import { findBatchToStart } from '../../src/store/starts';
import { endJobs, writeOutcomes } from '../../src/store/write-outcomes';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';

/* What a workflow does late, after its failed URLs were given their time once more: a client may ask for that as soon as it can read the end. */

let db: TestDatabase;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(() => db.drop());

async function newJob(): Promise<StoredJob> {
  const id = createBatchId();
  const createdAt = new Date();
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      ...{ id, apiKeyId, urls: ['https://a.example/'], options: { timeoutSec: 60 }, fanOut: 'jobs', prices: [1] },
      ...{ createdAt, deadlineAt: new Date(createdAt.getTime() + 60_000) },
    }),
  );
  return read(batchMemberId(id, 0));
}

async function read(id: string): Promise<StoredJob> {
  const job = await findJob(db.database, id);
  if (job === undefined) throw new Error('no such job');
  return job;
}

const timedOut = (job: StoredJob) =>
  endJobs(db.database, [{ job, status: 'failed', attempts: 1, failReason: 'failed_due_to_timeout' }]);

/** The database as somebody sees it who is slow before the statement that begins so. */
const slowBefore = (beginning: string, meanwhile: () => Promise<unknown>): Queryable => ({
  query: async (text, ...rest) => {
    if (text.trim().startsWith(beginning)) await meanwhile();
    return db.database.query(text, ...rest);
  },
});

test('an end that is noted late does not end a batch whose failed URLs run again', async () => {
  const job = await newJob();
  const batchId = job.batchId ?? '';
  await timedOut(job);
  await endBatch(
    slowBefore('with ended', () => retryFailed(db.database, batchId, {})),
    batchId,
  );
  expect(await findBatchToStart(db.database, batchId)).toMatchObject({ round: 1 });
  await timedOut(await read(job.id));
  await endBatch(db.database, batchId);
  expect(await findBatch(db.database, batchId)).toMatchObject({ failed: 1, endedAt: expect.any(Date) });
  expect(await findBatchToStart(db.database, batchId)).toBeUndefined();
});

test('what comes late of the time before changes nothing of a URL that runs again, unless it is the page', async () => {
  const before = await newJob();
  await timedOut(before);
  await retryFailed(db.database, before.batchId ?? '', {});
  const again = await read(before.id);
  expect((await timedOut(before)).ids.size).toBe(0);
  const cancelled = await endJobs(db.database, [{ job: before, status: 'cancelled', attempts: 1 }]);
  expect(cancelled.ids.size).toBe(0);
  const attempt = {
    ...{ job: before, attempts: 2, strikes: 2, tried: [], nextAttemptAt: new Date(Date.now() + 3_600_000) },
    lastFailure: { reason: 'status', detail: '503', at: new Date().toISOString() } as const,
  };
  expect((await writeOutcomes(db.database, [], [attempt])).retried.size).toBe(0);
  expect(await read(before.id)).toEqual(again);
  const page = { job: before, status: 'finished' as const, attempts: 2, statusCode: 200 };
  expect((await endJobs(db.database, [page])).ids.size).toBe(1);
  expect(await read(before.id)).toMatchObject({ status: 'finished', attempts: 2 });
});

test('what attempts came to stays when their job ends, is forgotten when it gets its time once more, and comes late for nothing', async () => {
  const job = await newJob();
  const failed = { kind: 'refused', statusCode: 500, engine: 'http', at: 1_700_000_000_000, durationMs: 40 } as const;
  const lastFailure = { reason: 'refused', statusCode: 500, at: new Date().toISOString() };
  const attempt = {
    ...{ job, attempts: 1, strikes: 0, lastFailure, tried: [failed], nextAttemptAt: new Date(Date.now() + 60_000) },
  };
  await writeOutcomes(db.database, [], [attempt]);
  expect((await read(job.id)).tried).toEqual([failed]);
  // An end without an attempt, as by a cancellation, leaves what there is.
  await timedOut(job);
  expect(await findTried(db.database, job.id)).toEqual([failed]);
  expect(await read(job.id)).not.toHaveProperty('tried');
  await retryFailed(db.database, job.batchId ?? '', {});
  expect(await findTried(db.database, job.id)).toEqual([]);
  const page = { kind: 'page', statusCode: 200, engine: 'http' } as const;
  await endJobs(db.database, [{ job, status: 'finished', attempts: 2, statusCode: 200, tried: [failed, page] }]);
  expect(await read(job.id)).toMatchObject({ status: 'finished' });
  expect(await findTried(db.database, job.id)).toEqual([]);
});

test('a job that fails without a row before keeps its only attempt', async () => {
  const job = await newJob();
  const tried = [{ kind: 'forbidden', engine: 'http' }] as const;
  await endJobs(db.database, [{ job, status: 'failed', attempts: 1, failReason: 'forbidden_target', tried }]);
  expect(await findTried(db.database, job.id)).toEqual(tried);
});
