import { batchMemberId, createBatchId, createJobId } from '../../src/jobs/job-id';
import { ensureDefaultKey } from '../../src/store/api-keys';
import { insertBatch } from '../../src/store/batches';
import type { Queryable } from '../../src/store/database';
import { JobLookup } from '../../src/store/job-lookup';
import { findJob, insertJob } from '../../src/store/jobs';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
let apiKeyId: string;
const singles = Array.from({ length: 300 }, () => createJobId());
const batchId = createBatchId();
beforeAll(async () => {
  db = await createTestDatabase();
  await ensureDefaultKey(db.database, 'key');
  [{ id: apiKeyId } = { id: '' }] = await db.database.query<{ id: string }>('select id from api_keys');
  const common = { apiKeyId, options: {}, createdAt: new Date(), deadlineAt: new Date(Date.now() + 60_000) };
  for (const id of singles) await insertJob(db.database, { ...common, id, url: `https://a.example/${id}`, price: 1 });
  const urls = Array.from({ length: 700 }, (_, index) => `https://b.example/${index}`);
  await db.database.transaction((tx) =>
    insertBatch(tx, { ...common, id: batchId, urls, fanOut: 'jobs', prices: urls.map((_, index) => index + 1) }),
  );
});
afterAll(() => db.drop());

/** Wraps the database so that its statements are counted. */
const counted = () => {
  const statements: string[] = [];
  const query: Queryable['query'] = (sql, values, name) => {
    statements.push(name ?? sql);
    return db.database.query(sql, values, name);
  };
  return { statements, lookup: new JobLookup({ query }) };
};

test('everyone gets the job asked for, members and single jobs, whoever else asks', async () => {
  const { lookup, statements } = counted();
  const members = [0, 1, 499, 500, 699].map((index) => batchMemberId(batchId, index));
  const missing = [createJobId(), batchMemberId(batchId, 700), batchMemberId(createBatchId(), 0)];
  const ids = [...singles, ...members, ...missing];
  const found = await Promise.all(ids.map((id) => lookup.find(id)));
  expect(found.map((job) => job?.url)).toEqual([
    ...singles.map((id) => `https://a.example/${id}`),
    ...[0, 1, 499, 500, 699].map((index) => `https://b.example/${index}`),
    undefined,
    undefined,
    undefined,
  ]);
  expect(statements.length).toBeLessThanOrEqual(4);
  expect(found[303]).toMatchObject({ batchId, chunkNumber: 1, price: 501, status: 'running', attempts: 0 });
});

test('who asks for the same job while it is waited for gets the same answer', async () => {
  const { lookup, statements } = counted();
  const id = singles[0] ?? '';
  const found = await Promise.all([lookup.find(id), lookup.find(id), lookup.find(id)]);
  expect(found.map((job) => job?.id)).toEqual([id, id, id]);
  expect(statements).toEqual(['find-single-jobs']);
});

test('a question is never answered with a state from before it', async () => {
  const lookup = new JobLookup(db.database);
  for (const id of singles.slice(0, 50)) {
    const others = singles.slice(50, 60).map((other) => lookup.find(other));
    await db.database.query('update jobs set attempts = attempts + 1 where id = $1', [id]);
    expect((await lookup.find(id))?.attempts).toBe(1);
    await Promise.all(others);
  }
});

test('an error reaches all who share the query, and the next one is asked again', async () => {
  let isAway = true;
  const query: Queryable['query'] = (...args) =>
    isAway ? Promise.reject(new Error('away')) : db.database.query(...args);
  const lookup = new JobLookup({ query });
  const asked = await Promise.allSettled(singles.slice(0, 3).map((id) => lookup.find(id)));
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  isAway = false;
  expect((await lookup.find(singles[0] ?? ''))?.id).toBe(singles[0]);
});

test('a member whose row is there does not need the manifest to have its place', async () => {
  const id = batchMemberId(batchId, 10);
  await db.database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at, price, credits)
       values ($1, $2, 0, $3, 'https://b.example/10', 'finished', now(), now(), 11, 11)`,
    [id, batchId, apiKeyId],
  );
  expect(await findJob(db.database, id)).toMatchObject({ url: 'https://b.example/10', status: 'finished', price: 11 });
  expect(await findJob(db.database, id.toUpperCase())).toMatchObject({ id });
});

test('an id that looks like a member but is a single job is that job', async () => {
  const id = batchMemberId(batchId, 20);
  const job = { id, apiKeyId, url: 'https://c.example/', options: {}, price: 3 };
  await insertJob(db.database, { ...job, createdAt: new Date(), deadlineAt: new Date() });
  const found = await findJob(db.database, id);
  expect(found).toMatchObject({ url: 'https://c.example/', price: 3 });
  expect(found).not.toHaveProperty('batchId');
});
