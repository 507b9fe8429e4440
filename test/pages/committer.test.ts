import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchMemberId, createBatchId, createJobId } from '../../src/jobs/job-id';
import { findBatch, insertBatch } from '../../src/store/batches';
import { Committer } from '../../src/pages/committer';
import type { Commit } from '../../src/pages/committer';
import { findJob } from '../../src/store/jobs';
import type { StoredJob } from '../../src/store/jobs';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { parsePageRecord } from '../../src/pages/segments/warc';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey } from '../support/test-keys';
import { fetchedPage } from './segments/page-fixture';

let db: TestDatabase;
let root: string;
let apiKeyId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  root = await mkdtemp(join(tmpdir(), 'everfetch-committer-'));
  apiKeyId = await addDefaultKey(db.database);
});
afterAll(async () => {
  await db.drop();
  await rm(root, { recursive: true, force: true });
});

/** Makes the real store. `before` runs ahead of each write and may refuse it. */
function watchedSegments(before: (bytes: number) => void | Promise<void> = () => undefined) {
  const store = createFsSegmentStore(root);
  const writes: number[] = [];
  const segments: SegmentStore = {
    ...store,
    async write(key, chunks) {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      await before(bytes);
      writes.push(bytes);
      await store.write(key, chunks);
    },
  };
  return { segments, writes };
}

const createCommitter = (segments: SegmentStore) =>
  new Committer({ database: db.database, segments, onDeliveries: () => undefined });

async function newMembers(total: number): Promise<{ batchId: string; jobs: StoredJob[] }> {
  const batchId = createBatchId();
  const createdAt = new Date();
  await db.database.transaction((tx) =>
    insertBatch(tx, {
      id: batchId,
      apiKeyId,
      urls: Array.from({ length: total }, (_, index) => `https://a.example/${index}`),
      options: {},
      fanOut: 'sweep',
      prices: Array.from({ length: total }, () => 1),
      createdAt,
      deadlineAt: new Date(createdAt.getTime() + 60_000),
    }),
  );
  const first = await findJob(db.database, batchMemberId(batchId, 0));
  if (first === undefined) throw new Error('no member');
  const jobs = Array.from({ length: total }, (_, index) => ({
    ...first,
    id: batchMemberId(batchId, index),
    chunkNumber: Math.floor(index / 500),
    url: `https://a.example/${index}`,
  }));
  return { batchId, jobs };
}

const finishOf = (job: StoredJob, body: Buffer) =>
  ({
    kind: 'end',
    end: { job, status: 'finished', attempts: 1, statusCode: 200 },
    page: fetchedPage({ body }),
  }) as const;

const attemptOf = (job: StoredJob) =>
  ({
    kind: 'attempt',
    attempt: {
      job,
      attempts: 1,
      strikes: 0,
      lastFailure: { reason: 'refused', at: '' },
      nextAttemptAt: new Date(),
      tried: [],
    },
  }) as const;

test('many pages become few segments; each is found whole at its place, and failed attempts go along', async () => {
  const { segments, writes } = watchedSegments();
  const committer = createCommitter(segments);
  const { batchId, jobs } = await newMembers(900);
  const applied = await Promise.all(
    jobs.map((job, index) =>
      committer.commit(index % 10 === 0 ? attemptOf(job) : finishOf(job, Buffer.from(`page ${index}`))),
    ),
  );
  expect(applied.every((isApplied) => isApplied)).toBe(true);
  expect(writes.length).toBeLessThanOrEqual(5);
  expect(await findBatch(db.database, batchId)).toMatchObject({ finished: 810, running: 90 });
  for (const index of [1, 499, 501, 899]) {
    const page = (await findJob(db.database, jobs[index]?.id ?? ''))?.page;
    const bytes = await segments.read(page?.segment ?? '', page?.offset ?? 0, page?.length ?? 0);
    expect(parsePageRecord(bytes).body.toString()).toBe(`page ${index}`);
  }
});

test('a single page is written at once, and a second commit of the same job changes nothing', async () => {
  const committer = createCommitter(watchedSegments().segments);
  const { jobs } = await newMembers(1);
  const [job] = jobs as [StoredJob];
  expect(await committer.commit(finishOf(job, Buffer.from('first')))).toBe(true);
  expect(await committer.commit(finishOf(job, Buffer.from('second')))).toBe(false);
  expect(await committer.commit(attemptOf(job))).toBe(false);
  expect(await findJob(db.database, job.id)).toMatchObject({ status: 'finished', attempts: 1 });
});

test('no segment is larger than 8 MB, unless a page alone is', async () => {
  const { segments, writes } = watchedSegments();
  const committer = createCommitter(segments);
  const { jobs } = await newMembers(30);
  const megabytes = (index: number) => (index === 7 ? 10 : 1) * 1024 * 1024;
  await Promise.all(jobs.map((job, index) => committer.commit(finishOf(job, Buffer.alloc(megabytes(index), index)))));
  expect(writes.filter((bytes) => bytes > 8.1 * 1024 * 1024)).toHaveLength(1);
  expect(writes.reduce((sum, bytes) => sum + bytes)).toBeGreaterThan(39 * 1024 * 1024);
});

test('while commits do not keep up it says so', async () => {
  let letGo = () => undefined as void;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const committer = createCommitter(watchedSegments(() => held).segments);
  const { jobs } = await newMembers(1_500);
  const commits = jobs.map((job) => committer.commit(finishOf(job, Buffer.from('x'))));
  expect(committer.isBacklogged).toBe(true);
  letGo();
  await Promise.all(commits);
  expect(committer.isBacklogged).toBe(false);
});

test('a disk that is full for a while costs time and no page; another error is told to everyone who waits', async () => {
  let refusals = 2;
  const full = watchedSegments(() => {
    if (refusals-- > 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  });
  const { jobs } = await newMembers(3);
  const [first, ...others] = jobs as [StoredJob, ...StoredJob[]];
  expect(await createCommitter(full.segments).commit(finishOf(first, Buffer.from('kept')))).toBe(true);
  expect(full.writes).toHaveLength(1);

  const broken = watchedSegments(() => {
    throw Object.assign(new Error('input/output error'), { code: 'EIO' });
  });
  const committer = createCommitter(broken.segments);
  const outcomes = await Promise.allSettled(others.map((job) => committer.commit(finishOf(job, Buffer.from('x')))));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await findJob(db.database, others[0]?.id ?? '')).toMatchObject({ status: 'running', attempts: 0 });
});

test('single jobs and members share a commit', async () => {
  const { segments, writes } = watchedSegments();
  const committer = createCommitter(segments);
  const { jobs } = await newMembers(40);
  const single = { ...(jobs[0] as StoredJob), id: createJobId() };
  const { batchId: _batch, chunkNumber: _chunk, ...singleJob } = single;
  const commits = [...jobs, singleJob].map((job) => committer.commit(finishOf(job, Buffer.from('x'))));
  await Promise.all(commits);
  expect(await findJob(db.database, single.id)).toMatchObject({ status: 'finished' });
  expect(writes.length).toBeLessThanOrEqual(3);
});

describe('results that may linger', () => {
  test('share one segment with those that come within a second', async () => {
    const { segments, writes } = watchedSegments();
    const committer = createCommitter(segments);
    const { jobs } = await newMembers(150);
    const commits: Promise<boolean>[] = [];
    for (const job of jobs) {
      commits.push(committer.commit(finishOf(job, Buffer.from('x')), 'lingering'));
      await new Promise(setImmediate); // They come in one after another.
    }
    await Promise.all(commits);
    expect(writes).toHaveLength(1);
  });

  test('are written at 200, and at 8 MB', async () => {
    const { segments, writes } = watchedSegments();
    const committer = createCommitter(segments);
    const { jobs } = await newMembers(409);
    const small = jobs.slice(0, 400).map((job) => committer.commit(finishOf(job, Buffer.from('x')), 'lingering'));
    await Promise.all(small);
    expect(writes).toHaveLength(2);
    const large = jobs.slice(400).map((job) => committer.commit(finishOf(job, Buffer.alloc(1024 * 1024)), 'lingering'));
    await Promise.all(large.slice(0, 8));
    expect(writes).toHaveLength(3);
    committer.hurry();
    await Promise.all(large);
  });

  test('go along at once with one that is urgent', async () => {
    const { segments, writes } = watchedSegments();
    const committer = createCommitter(segments);
    const { jobs } = await newMembers(3);
    const [first, second, third] = jobs.map((job) => finishOf(job, Buffer.from('x')));
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const all = [
      committer.commit(first as Commit, 'lingering').then(note('first')),
      committer.commit(second as Commit).then(note('second')),
      committer.commit(third as Commit, 'lingering').then(note('third')),
    ];
    await Promise.all(all.slice(0, 2));
    expect({ order, segments: writes.length }).toEqual({ order: ['first', 'second'], segments: 1 });
    committer.hurry();
    await Promise.all(all);
    expect(writes).toHaveLength(2);
  });

  test('hold no fetch slot while no commit is being written', async () => {
    const committer = createCommitter(watchedSegments().segments);
    const { jobs } = await newMembers(199);
    const commits = jobs.map((job) => committer.commit(finishOf(job, Buffer.from('x')), 'lingering'));
    expect(committer.isBacklogged).toBe(false);
    committer.hurry();
    await Promise.all(commits);
  });
});
