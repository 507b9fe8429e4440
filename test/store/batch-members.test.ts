import { CHUNK_URLS, batchMemberId, createBatchId } from '../../src/jobs/job-id';
import { findBatch, insertBatch } from '../../src/store/batches';
import type { NewBatch } from '../../src/store/batches';
import { findUnfinishedMembers, jobOfMember, openChunk } from '../../src/store/chunks';
import { countOpenCopies, findLateCopies } from '../../src/store/copies';
import { findJob, findJobs } from '../../src/store/jobs';
import { findNotStarted } from '../../src/store/starts';
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

const everyone = { fromPlace: 0, limit: CHUNK_URLS };

async function newBatch(total: number, more: Partial<NewBatch> = {}): Promise<string> {
  const id = createBatchId();
  const batch: NewBatch = {
    ...{
      id,
      apiKeyId,
      options: { method: 'GET', apiParams: { render: true } },
      fanOut: 'sweep',
      createdAt: new Date(),
    },
    urls: Array.from({ length: total }, (_, index) => `https://a.example/${index}`),
    prices: Array.from({ length: total }, () => 5),
    deadlineAt: new Date(Date.now() + 60_000),
    ...more,
  };
  await db.database.transaction((tx) => insertBatch(tx, batch));
  return id;
}

function fail(message: string): never {
  throw new Error(message);
}

async function member(batchId: string, index: number) {
  const job = await findJob(db.database, batchMemberId(batchId, index));
  return job ?? fail('no such member');
}

const page = { segment: 's', offset: 5, length: 10, crc32: 7 };

test('a URL has the options of its line over those of the batch, wherever it is read', async () => {
  const lineOptions = [
    undefined,
    '{"method":"POST","apiParams":{},"meta":[1]}',
    ...Array<undefined>(500).fill(undefined),
  ];
  const id = await newBatch(502, {
    lineOptions,
    clientIds: ['a "quoted" {id}', ...Array<undefined>(501).fill(undefined)],
  });
  const ids = [0, 1, 2, 501].map((index) => batchMemberId(id, index));
  const found = await findJobs(db.database, ids);
  const jobs = ids.map((each) => found.get(each) ?? fail('no such member'));
  const common = { method: 'GET', apiParams: { render: true } };
  expect(jobs.map(({ options }) => options)).toEqual([
    common,
    { method: 'POST', apiParams: {}, meta: [1] },
    common,
    common,
  ]);
  expect(jobs.map(({ clientId, meta }) => ({ clientId, meta }))).toMatchObject([
    { clientId: 'a "quoted" {id}' },
    { meta: [1] },
    {},
    {},
  ]);
  const unfinished = await findUnfinishedMembers(db.database, id, 0, { fromPlace: 0, limit: 2 });
  expect(unfinished).toEqual([
    expect.objectContaining({ clientId: 'a "quoted" {id}' }),
    { ...jobs[1], maxConcurrency: undefined },
  ]);
  const open = (await openChunk(db.database, id, 0)) ?? fail('no chunk');
  expect(open.members.slice(0, 2).map((each) => jobOfMember(open, each).options)).toEqual(
    jobs.slice(0, 2).map(({ options }) => options),
  );

  await endJobs(db.database, [{ job: await member(id, 1), status: 'finished', attempts: 1, statusCode: 200, page }]);
  expect(await member(id, 1)).toMatchObject({ status: 'finished', options: { method: 'POST' }, meta: [1] });
});

test('options of thousands of lines are stored in several statements', async () => {
  const lineOptions = Array.from({ length: 6_000 }, (_, index) =>
    JSON.stringify({ body: `${index}`.padEnd(1_500, '"') }),
  );
  const id = await newBatch(6_000, { lineOptions });
  for (const index of [0, 2_499, 2_500, 5_999])
    expect((await member(id, index)).options.body).toMatch(new RegExp(`^${index}"`));
});

test('a batch with a line for a browser is started as one, whatever the options of all are', async () => {
  const id = await newBatch(1, { options: {}, lineOptions: ['{"apiParams":{"render":true}}'], hasRenderedLines: true });
  const starts = await findNotStarted(db.database, { minAgeMs: 0, limit: 100 });
  expect(starts.find((start) => start.id === id)).toMatchObject({ kind: 'batch', isRendered: true });
});

test('a member without a row is new, unless its chunk was reopened', async () => {
  const id = await newBatch(2);
  await endJobs(db.database, [{ job: await member(id, 0), status: 'failed', attempts: 1, failReason: 'terminated' }]);
  await db.database.query(`update jobs set status = 'running', ended_at = null where id = $1`, [batchMemberId(id, 0)]);
  expect((await findUnfinishedMembers(db.database, id, 0, everyone)).map(({ url }) => url)).toHaveLength(2);
  await db.database.query('update batch_chunks set reopened_at = now() where batch_id = $1', [id]);
  expect((await findUnfinishedMembers(db.database, id, 0, everyone)).map(({ url }) => url)).toEqual([
    'https://a.example/0',
  ]);
  expect((await openChunk(db.database, id, 0))?.members.map(({ place }) => place)).toEqual([0]);
  expect((await member(id, 0)).status).toBe('running');
  expect(await findJob(db.database, batchMemberId(id, 1))).toBeUndefined();
});

describe('copies', () => {
  const copiesOf = [undefined, 0, undefined, 0, 2];
  const deduped = () =>
    newBatch(5, {
      copiesOf,
      dedupe: true,
      prices: [5, 0, 5, 0, 0],
      options: { callback: { type: 'webhook', url: 'https://r.example/' } },
    });

  test('end with their original, for nothing, with its page and a callback each', async () => {
    const id = await deduped();
    expect((await openChunk(db.database, id, 0))?.members.map(({ place }) => place)).toEqual([0, 2]);
    const end = { status: 'finished', attempts: 2, statusCode: 200, page, surcharge: 10 } as const;
    const { ids } = await endJobs(db.database, [{ job: await member(id, 0), ...end }]);
    expect([...ids].sort()).toEqual([0, 1, 3].map((index) => batchMemberId(id, index)));
    const [original, copy] = [await member(id, 0), await member(id, 3)];
    expect(original).toMatchObject({ credits: 15, page });
    expect(copy).toMatchObject({
      status: 'finished',
      attempts: 2,
      credits: 0,
      page: { ...page, ownerId: original.id },
    });
    expect(await findBatch(db.database, id)).toMatchObject({ finished: 3, credits: 15, dedupe: true });
    const told = await db.database.query('select 1 from webhook_deliveries where job_id = any($1)', [[...ids]]);
    expect(told).toHaveLength(3);
    // A later end of the original is believed by nobody.
    await endJobs(db.database, [{ job: original, status: 'cancelled', attempts: 2 }]);
    expect((await member(id, 1)).status).toBe('finished');
  });

  test('that were ended alone stay as they are', async () => {
    const id = await deduped();
    await endJobs(db.database, [{ job: await member(id, 1), status: 'cancelled', attempts: 0 }]);
    await endJobs(db.database, [
      { job: await member(id, 0), status: 'failed', attempts: 1, failReason: 'failed_due_to_timeout' },
    ]);
    const statuses = await Promise.all([0, 1, 2, 3, 4].map(async (index) => (await member(id, index)).status));
    expect(statuses).toEqual(['failed', 'cancelled', 'running', 'failed', 'running']);
    expect(await findBatch(db.database, id)).toMatchObject({ failed: 2, cancelled: 1 });
    expect(await countOpenCopies(db.database, id, [0])).toBe(1);
  });

  test('that are open although their original has ended take over its end', async () => {
    const id = await deduped();
    await endJobs(db.database, [{ job: await member(id, 1), status: 'failed', attempts: 0, failReason: 'terminated' }]);
    await endJobs(db.database, [{ job: await member(id, 0), status: 'finished', attempts: 1, statusCode: 404, page }]);
    await db.database.query(`update jobs set status = 'running', ended_at = null where id = $1`, [
      batchMemberId(id, 1),
    ]);
    const late = await findLateCopies(db.database, id, [0]);
    expect(late).toMatchObject([
      { job: { id: batchMemberId(id, 1), price: 0 }, status: 'finished', page: { ownerId: batchMemberId(id, 0) } },
    ]);
    await endJobs(db.database, late);
    expect(await member(id, 1)).toMatchObject({ status: 'finished', statusCode: 404, credits: 0 });
    expect(await findLateCopies(db.database, id, [0])).toEqual([]);
  });
});
