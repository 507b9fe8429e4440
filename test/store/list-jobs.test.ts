import { batchMemberId, createBatchId, createJobId } from '../../src/jobs/job-id';
import { insertBatch } from '../../src/store/batches';
import { findJobs, insertJob } from '../../src/store/jobs';
import type { StoredJob } from '../../src/store/jobs';
import { listBatches } from '../../src/store/list-batches';
import { listBatchJobs, listJobs } from '../../src/store/list-jobs';
import type { JobPlace, KeyJobFilter } from '../../src/store/list-jobs';
import { endJobs, writeOutcomes } from '../../src/store/write-outcomes';
import type { JobEnd } from '../../src/store/write-outcomes';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey, addOtherKey } from '../support/test-keys';

const EPOCH = Date.UTC(2026, 0, 1);
const HOSTS = [
  'https://a.example',
  'http://user@B.example:8080',
  'https://bücher.example',
  'https://[2001:db8::1]:444',
];

interface Known {
  readonly id: string;
  readonly url: string;
  readonly createdAt: Date;
  readonly clientId?: string;
  readonly tags: readonly string[];
  readonly batchId?: string;
}

let db: TestDatabase;
let apiKeyId: string;
/** All jobs of the key in the order of the list. */
let known: Known[] = [];
let jobs: Map<string, StoredJob>;
const batchIds: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  apiKeyId = await addDefaultKey(db.database);
  const otherKeyId = await addOtherKey(db.database);
  const urlOf = (n: number) => `${HOSTS[n % HOSTS.length]}/${n % 7 === 0 ? '50%_off' : 'page'}/${n}`;
  const entries: Known[][] = [];
  for (const [n, total] of [3, 1, 1_203, 0, 2, 0, 501, 40, 0, 7].entries()) {
    const createdAt = new Date(EPOCH + n * 1_000);
    const times = { createdAt, deadlineAt: new Date(EPOCH + 86_400_000) };
    for (const key of [apiKeyId, otherKeyId]) {
      if (total === 0) {
        const id = createJobId(createdAt.getTime());
        await insertJob(db.database, { id, apiKeyId: key, url: urlOf(n), options: {}, price: 1, ...times });
        if (key === apiKeyId) entries.push([{ id, url: urlOf(n), createdAt, tags: [] }]);
        continue;
      }
      const id = createBatchId(createdAt.getTime());
      const urls = Array.from({ length: total }, (_, index) => urlOf(index));
      const clientIds =
        total === 40 ? urls.map((_url, index) => (index % 2 === 0 ? `c${index % 5}` : undefined)) : undefined;
      const tags = total > 100 ? ['large', 'Ünï'] : [];
      const batch = { id, apiKeyId: key, urls, options: {}, fanOut: 'sweep' as const, prices: urls.map(() => 1) };
      await db.database.transaction((tx) =>
        insertBatch(tx, { ...batch, ...times, tags, clientIds, name: `Batch of ${total}` }),
      );
      if (key !== apiKeyId) continue;
      batchIds.push(id);
      entries.push(
        urls.map((url, index) => ({
          ...{ id: batchMemberId(id, index), url, createdAt, tags, batchId: id },
          ...(clientIds?.[index] !== undefined && { clientId: clientIds[index] }),
        })),
      );
    }
  }
  known = entries.reverse().flat();
  await endSome();
  jobs = await findJobs(
    db.database,
    known.map(({ id }) => id),
  );
});
afterAll(() => db.drop());

/** A third ends in some way, a sixth has been tried, and half has no row. */
async function endSome(): Promise<void> {
  const found = await findJobs(
    db.database,
    known.map(({ id }) => id),
  );
  const all = known.map(({ id }) => found.get(id) as StoredJob); // as: they were inserted just now
  const ends = all.flatMap((job, n): JobEnd[] => {
    if (n % 3 !== 0) return [];
    if (n % 4 === 0) return [failedEnd(job, n)];
    if (n % 5 === 0) return [{ job, status: 'cancelled', attempts: 0 }];
    return [{ job, status: 'finished', attempts: 1, statusCode: n % 7 === 0 ? 404 : 200 }];
  });
  await endJobs(db.database, ends);
  const lastFailure = { reason: 'refused', at: '2026-01-01T00:00:00Z' };
  const tried = all.filter((_job, n) => n % 6 === 1);
  await writeOutcomes(
    db.database,
    [],
    tried.map((job) => ({ job, attempts: 1, strikes: 0, lastFailure, nextAttemptAt: new Date(), tried: [] })),
  );
}

/** Every third one had an answer at last. */
const failedEnd = (job: StoredJob, n: number): JobEnd => ({
  ...{ job, status: 'failed', attempts: 2, failReason: n % 8 === 0 ? 'terminated' : 'internal_error' },
  lastFailure: { reason: 'refused', at: '2026-01-01T00:00:00Z', ...(n % 9 === 0 && { statusCode: 404 }) },
});

async function pages(filter: KeyJobFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: JobPlace | undefined;
  do {
    const page = await listJobs(db.database, apiKeyId, filter, { after, limit });
    ids.push(...page.jobs.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

const expected = (isMatch: (job: StoredJob, which: Known) => boolean): string[] =>
  known.filter((which) => isMatch(jobs.get(which.id) as StoredJob, which)).map(({ id }) => id); // as: all were found

const at = (second: number): Date => new Date(EPOCH + second * 1_000);

test.each<[string, KeyJobFilter, (job: StoredJob, which: Known) => boolean]>([
  ['nothing', {}, () => true],
  ['running', { status: 'running' }, ({ status }) => status === 'running'],
  ['finished', { status: 'finished' }, ({ status }) => status === 'finished'],
  ['failed', { status: 'failed' }, ({ status }) => status === 'failed'],
  ['cancelled', { status: 'cancelled' }, ({ status }) => status === 'cancelled'],
  ['a reason', { failReason: 'terminated' }, ({ failReason }) => failReason === 'terminated'],
  ['a bug of ours', { failReason: 'internal_error' }, ({ failReason }) => failReason === 'internal_error'],
  [
    'a status code',
    { statusCode: 404 },
    ({ status, statusCode, lastFailure }) => (status === 'failed' ? lastFailure?.statusCode : statusCode) === 404,
  ],
  [
    'no answer',
    { statusCode: 'none' },
    ({ status, lastFailure }) => status === 'failed' && lastFailure?.statusCode === undefined,
  ],
  ['a host', { hosts: ['a.example'] }, ({ url }) => url.startsWith(HOSTS[0] ?? '')],
  ['a host with user, port and capitals', { hosts: ['b.example'] }, ({ url }) => url.includes('B.example')],
  [
    'an international host',
    { hosts: ['xn--bcher-kva.example', 'bücher.example'] },
    ({ url }) => url.includes('bücher'),
  ],
  ['an address', { hosts: ['[2001:db8::1]'] }, ({ url }) => url.includes('[')],
  ['part of a host', { hosts: ['example'] }, () => false],
  ['signs that mean something to a search', { search: '50%_OFF' }, ({ url }) => url.includes('50%_off')],
  ['a tag', { tag: 'Ünï' }, (_job, { tags }) => tags.length > 0],
  ['an id of the caller', { clientId: 'c2' }, (_job, { clientId }) => clientId === 'c2'],
  [
    'an id of the caller and a status',
    { clientId: 'c0', status: 'finished' },
    ({ status }, { clientId }) => clientId === 'c0' && status === 'finished',
  ],
  ['a range', { since: at(4), until: at(7) }, ({ createdAt }) => createdAt >= at(4) && createdAt < at(7)],
  [
    'all at once',
    { status: 'running', hosts: ['a.example'], tag: 'large', search: 'page', since: at(3) },
    ({ status, url, createdAt }, { tags }) =>
      status === 'running' && url.startsWith('https://a.example/page') && tags.length > 0 && createdAt >= at(3),
  ],
])(
  'a list by %s has all jobs of the key that meet it, in order, however it is cut into pages',
  async (_name, filter, isMatch) => {
    const all = expected(isMatch);
    expect(await pages(filter, 1_000)).toEqual(all);
    expect(await pages(filter, 97)).toEqual(all);
    if (all.length < 60) expect(await pages(filter, 1)).toEqual(all);
  },
);

test('the URLs of a batch come in input order, also those to which nothing has happened yet', async () => {
  for (const batchId of batchIds) {
    const members = known.filter((each) => each.batchId === batchId);
    const list = { id: batchId, total: members.length };
    const ids: string[] = [];
    let after: number | undefined;
    do {
      const page = await listBatchJobs(db.database, list, {}, { after, limit: 250 });
      expect(page.jobs.map((job) => job)).toEqual(page.jobs.map(({ id }) => jobs.get(id)));
      ids.push(...page.jobs.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(ids).toEqual(members.map(({ id }) => id));
  }
});

test('the URLs of a batch that ended in a range of time', async () => {
  const ended = known.filter(({ id, batchId }) => batchId === batchIds[2] && jobs.get(id)?.endedAt !== undefined);
  const list = { id: batchIds[2] ?? '', total: 1_203 };
  const options = { limit: 1_000 };
  const found = await listBatchJobs(
    db.database,
    list,
    { endedSince: new Date(0), endedUntil: new Date(Date.now() + 60_000) },
    options,
  );
  expect(found.jobs.map(({ id }) => id)).toEqual(ended.map(({ id }) => id));
  expect((await listBatchJobs(db.database, list, { endedUntil: new Date(0) }, options)).jobs).toEqual([]);
});

test('a URL whose row is gone from a chunk that was reopened is not listed', async () => {
  const [id, list] = [batchIds[4] ?? '', { id: batchIds[4] ?? '', total: 501 }];
  const before = await listBatchJobs(db.database, list, {}, { limit: 1_000 });
  await db.database.query('update batch_chunks set reopened_at = now() where batch_id = $1', [id]);
  const after = await listBatchJobs(db.database, list, {}, { limit: 1_000 });
  await db.database.query('update batch_chunks set reopened_at = null where batch_id = $1', [id]);
  expect(before.jobs).toHaveLength(501);
  const rows = await db.database.query('select 1 from jobs where batch_id = $1', [id]);
  expect(after.jobs).toHaveLength(rows.length);
});

test('batches come newest first, by status, tag and name, and only those of the key', async () => {
  const newestFirst = [...batchIds].reverse();
  const ids = async (filter: Parameters<typeof listBatches>[2], limit = 2): Promise<string[]> => {
    const found: string[] = [];
    let after: Parameters<typeof listBatches>[3]['after'];
    do {
      const page = await listBatches(db.database, apiKeyId, filter, { after, limit });
      found.push(...page.batches.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    return found;
  };
  expect(await ids({})).toEqual(newestFirst);
  expect(await ids({}, 1_000)).toEqual(newestFirst);
  expect(await ids({ tag: 'large' }, 1)).toEqual([batchIds[4], batchIds[2]]);
  expect(await ids({ search: 'BATCH OF 5' })).toEqual([batchIds[4]]);
  expect(await ids({ since: at(4), until: at(7) })).toEqual([batchIds[4], batchIds[3]]);
  await db.database.query('update batches set paused_at = now() where id = $1', [batchIds[2]]);
  expect(await ids({ status: 'paused' })).toEqual([batchIds[2]]);
  const states = await Promise.all((['running', 'finished', 'cancelled'] as const).map((status) => ids({ status })));
  expect([...states.flat(), batchIds[2]].sort()).toEqual([...batchIds].sort());
  const { batches } = await listBatches(db.database, apiKeyId, {}, { limit: 10 });
  for (const { total, running, finished, failed, cancelled } of batches)
    expect(running + finished + failed + cancelled).toBeLessThanOrEqual(total);
  expect(batches.map(({ total }) => total)).toEqual([7, 40, 501, 2, 1_203, 1, 3]);
});
