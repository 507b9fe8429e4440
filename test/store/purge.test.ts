import { createBatchId, batchMemberId, createJobId } from '../../src/jobs/job-id';
import { ensureDefaultKey } from '../../src/store/api-keys';
import {
  purgeExpiredIds,
  purgeIdempotencyKeys,
  purgeProxyScores,
  purgeRows,
  purgeUsageHours,
} from '../../src/store/purge';
import { purgeSegments } from '../../src/pages/purge-segments';
import type { SegmentStore } from '../../src/pages/segments/segment-store';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

const HOUR_MS = 3_600_000;
const cutoff = new Date('2026-10-05T12:00:00Z');
const before = new Date(cutoff.getTime() - HOUR_MS);
const after = new Date(cutoff.getTime() + HOUR_MS);
const always = async () => true;

let db: TestDatabase;
let keyId: string;
beforeEach(async () => {
  db = await createTestDatabase();
  await ensureDefaultKey(db.database, 'key-of-the-purge-test');
  const [key] = await db.database.query<{ id: string }>('select id from api_keys');
  keyId = key?.id ?? '';
});
afterEach(() => db.drop());

const count = async (table: string): Promise<number> =>
  (await db.database.query<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n ?? -1;

interface NewRows {
  readonly ids: readonly string[];
  readonly endedAt: Date | null;
  readonly batchId?: string;
}

/** Inserts rows of jobs; those without an end are running. */
async function addJobs({ ids, endedAt, batchId }: NewRows): Promise<void> {
  await db.database.query(
    `insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at)
       select id, $2::uuid, case when $2::uuid is not null then 0 end, $3, 'http://a.example/', case when $4::timestamptz is null then 'running' else 'finished' end, now(), $4
       from unnest($1::uuid[]) id`,
    [ids, batchId ?? null, keyId, endedAt],
  );
}

const manyIds = (length: number): string[] => Array.from({ length }, () => createJobId());

async function addBatch(urls: number, endedAt: Date | null): Promise<string> {
  const id = createBatchId();
  await db.database.query(
    `insert into batches (id, api_key_id, total, options, fan_out, deadline_at, ended_at) values ($1, $2, $3, '{}', 'sweep', now(), $4)`,
    [id, keyId, urls, endedAt],
  );
  await db.database.query(`insert into batch_chunks (batch_id, number, urls) values ($1, 0, array_fill('u'::text, array[$2::int]))`, [id, urls]); // prettier-ignore
  return id;
}

describe('purgeRows', () => {
  test('removes what ended before the cutoff and nothing else', async () => {
    const [old = '', recent = '', running = ''] = manyIds(3);
    await addJobs({ ids: [old], endedAt: before });
    await addJobs({ ids: [recent], endedAt: after });
    await addJobs({ ids: [running], endedAt: null });
    expect(await purgeRows(db.database, cutoff, always)).toBe(true);
    const left = await db.database.query<{ id: string }>('select id from jobs');
    expect(left.map(({ id }) => id).sort()).toEqual([recent, running].sort());
    expect(await db.database.query('select id from expired_ids')).toEqual([{ id: old }]);
  });

  test('goes in groups of a thousand, also where thousands ended at the same moment, and asks after each', async () => {
    await addJobs({ ids: manyIds(2_500), endedAt: before });
    const left: number[] = [];
    const mayGoOn = async () => left.push(await count('jobs')) > 0;
    expect(await purgeRows(db.database, cutoff, mayGoOn)).toBe(true);
    expect(left).toEqual([1_500, 500]);
    expect(await count('jobs')).toBe(0);
    expect(await count('expired_ids')).toBe(2_500);
  });

  test('stops after a no, and the next one goes on from there', async () => {
    await addJobs({ ids: manyIds(2_100), endedAt: before });
    expect(await purgeRows(db.database, cutoff, async () => false)).toBe(false);
    expect(await count('jobs')).toBe(1_100);
    expect(await purgeRows(db.database, cutoff, always)).toBe(true);
    expect(await count('jobs')).toBe(0);
  });

  test('removes ended batches with their manifest, after their jobs, and notes one id for all', async () => {
    const batchId = await addBatch(3, before);
    await addJobs({ ids: [0, 1, 2].map((index) => batchMemberId(batchId, index)), endedAt: before, batchId });
    const openId = await addBatch(2, null);
    await addJobs({ ids: [batchMemberId(openId, 0)], endedAt: after, batchId: openId });
    await purgeRows(db.database, cutoff, always);
    expect(await db.database.query('select id from batches')).toEqual([{ id: openId }]);
    expect(await db.database.query('select batch_id from batch_chunks')).toEqual([{ batch_id: openId }]);
    expect(await db.database.query('select id from expired_ids')).toEqual([{ id: batchId }]);
  });

  test('passes over a batch that still has jobs, and comes to those after it', async () => {
    const keptId = await addBatch(1, before);
    await addJobs({ ids: [batchMemberId(keptId, 0)], endedAt: after, batchId: keptId });
    for (let n = 0; n < 250; n += 1) await addBatch(1, before);
    expect(await purgeRows(db.database, cutoff, always)).toBe(true);
    expect(await db.database.query('select id from batches')).toEqual([{ id: keptId }]);
  });

  test('takes fewer batches at a time when they are large', async () => {
    for (let n = 0; n < 4; n += 1) await addBatch(40_000, before);
    const left: number[] = [];
    await purgeRows(db.database, cutoff, async () => left.push(await count('batches')) > 0);
    expect(left).toEqual([2, 0]);
  });

  test('two at once remove everything once', async () => {
    await addJobs({ ids: manyIds(3_000), endedAt: before });
    await Promise.all([purgeRows(db.database, cutoff, always), purgeRows(db.database, cutoff, always)]);
    await purgeRows(db.database, cutoff, always);
    expect(await count('jobs')).toBe(0);
    expect(await count('expired_ids')).toBe(3_000);
  });
});

test('ids are forgotten when they tell their age themselves', async () => {
  const old = createJobId();
  const recent = createJobId();
  await db.database.query(
    `insert into expired_ids (id, expired_at) values ($1, now() - interval '97 hours'), ($2, now() - interval '95 hours')`,
    [old, recent],
  );
  await purgeExpiredIds(db.database, 72 * HOUR_MS, always);
  expect(await db.database.query('select id from expired_ids')).toEqual([{ id: recent }]);
});

test('idempotency keys are forgotten after 24 hours', async () => {
  for (const hours of [25, 23])
    await db.database.query(
      `insert into idempotency_keys (api_key_id, key, request_hash, answer_id, created_at) values ($1, $2, '', $3, now() - $4::interval)`,
      [keyId, `${hours}`, createJobId(), `${hours} hours`],
    );
  await purgeIdempotencyKeys(db.database, always);
  expect(await db.database.query('select key from idempotency_keys')).toEqual([{ key: '23' }]);
});

describe('purgeSegments', () => {
  /** Makes a segment store that has these hours; `removeHour` takes one off the list. */
  const storeOf = (hours: string[]): SegmentStore => ({
    write: () => Promise.reject(new Error('not here')),
    read: () => Promise.reject(new Error('not here')),
    check: async () => undefined,
    listHours: async () => [...hours],
    listSegments: async function* () {},
    removeHour: async (hour) => void hours.splice(hours.indexOf(hour), 1),
    erase: () => Promise.reject(new Error('not here')),
  });

  test('keeps the hours that a row may point to, with an hour of margin', async () => {
    await addJobs({ ids: manyIds(1), endedAt: new Date('2026-10-05T05:30:00Z') });
    const hours = ['segments/2026/10/05/02', 'segments/2026/10/05/03', 'segments/2026/10/05/04'];
    expect(await purgeSegments(db.database, storeOf(hours), cutoff, always)).toEqual(['segments/2026/10/05/02']);
    expect(hours).toEqual(['segments/2026/10/05/03', 'segments/2026/10/05/04']);
  });

  test('stops after a no', async () => {
    const hours = ['segments/2026/10/04/01', 'segments/2026/10/04/02'];
    await purgeSegments(db.database, storeOf(hours), cutoff, async () => false);
    expect(hours).toEqual(['segments/2026/10/04/02']);
  });
});

test('the hours of usage go after 90 days', async () => {
  await db.database.query(
    `insert into usage_hours (api_key_id, hour, credits, finished, failed, cancelled)
     select $1, now() - days * interval '1 day', 1, 1, 0, 0 from unnest(array[0, 89, 91, 120]) days`,
    [keyId],
  );
  expect(await purgeUsageHours(db.database, always)).toBe(true);
  expect(await count('usage_hours')).toBe(2);
});

test('how proxies did goes after an hour', async () => {
  await db.database.query(
    `insert into proxy_scores (host, name, worker_id, tier, score, noted_at)
     select minutes::text, 'p', gen_random_uuid(), 'standard', 1, now() - minutes * interval '1 minute' from unnest(array[0, 59, 61]) minutes`,
  );
  expect(await purgeProxyScores(db.database, always)).toBe(true);
  expect(await count('proxy_scores')).toBe(2);
});
