import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { addDefaultKey, addOtherKey } from '../support/test-keys';
import { listBatches } from '../../src/store/list-batches';
import type { BatchFilter } from '../../src/store/list-batches';
import { listBatchJobs, listJobs } from '../../src/store/list-jobs';
import type { JobPlace, KeyJobFilter } from '../../src/store/list-jobs';
import type { EntryPlace } from '../../src/store/list-entries';
import type { JobFilter } from '../../src/store/job-filter';
import { MAX_ROWS_READ } from '../../src/store/row-budget';
import { LARGE_BATCH, fillLists } from './fill-lists';
import { RowsRead } from './rows-read';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1) + second * 1_000);

const jobFilters: readonly [string, KeyJobFilter][] = [
  ['nothing', {}],
  ['status running', { status: 'running' }],
  ['status finished', { status: 'finished' }],
  ['status failed', { status: 'failed' }],
  ['status cancelled', { status: 'cancelled' }],
  ['host', { hosts: ['h7.example'] }],
  ['an unknown host', { hosts: ['nowhere.example'] }],
  ['tag', { tag: 'seventh' }],
  ['an unknown tag', { tag: 'none' }],
  ['clientId', { clientId: 'id-batch 5-77' }],
  ['an unknown clientId', { clientId: 'none' }],
  ['failReason', { failReason: 'failed_due_to_timeout' }],
  ['a reason that no job has', { failReason: 'too_many_redirects' }],
  ['statusCode', { statusCode: 404 }],
  ['a status that no page has', { statusCode: 418 }],
  ['range', { since: at(1), until: at(20) }],
  ['q', { search: 'single/17' }],
  ['an unknown q', { search: 'nothing like this' }],
  ['tag, status, host and q', { tag: 'shop', status: 'finished', hosts: ['h7.example'], search: '/7' }],
  ['status, host and range', { status: 'running', hosts: ['h8.example'], since: at(1) }],
];

const batchFilters: readonly [string, BatchFilter][] = [
  ['nothing', {}],
  ['status running', { status: 'running' }],
  ['status paused', { status: 'paused' }],
  ['status finished', { status: 'finished' }],
  ['status cancelled', { status: 'cancelled' }],
  ['tag', { tag: 'seventh' }],
  ['range', { since: at(1), until: at(20) }],
  ['q', { search: 'BATCH 1' }],
  ['an unknown q', { search: 'nothing like this' }],
  ['tag, status and q', { tag: 'shop', status: 'finished', search: '7' }],
];

const memberFilters: readonly [string, JobFilter][] = [
  ...jobFilters.filter(([, { tag, since }]) => tag === undefined && since === undefined),
  ['the range of their ends', { endedSince: at(100), endedUntil: at(150) }],
  ['clientId and status', { clientId: 'id-batch 11-77', status: 'finished' }],
];

/** Declares the tests for this number of jobs. */
export function testRowsRead(jobs: number, { fillTimeoutMs }: { readonly fillTimeoutMs: number }): void {
  let db: TestDatabase;
  let apiKeyId: string;
  let batches: { id: string; total: number }[];
  beforeAll(async () => {
    db = await createTestDatabase();
    apiKeyId = await addDefaultKey(db.database);
    const otherKeyId = await addOtherKey(db.database);
    await fillLists(db.url, { apiKeyId, otherKeyId, jobs });
    batches = await db.database.query(
      `(select id, total from batches where total = ${LARGE_BATCH} and ended_at is not null limit 1)
       union all (select id, total from batches where ended_at is null limit 1)`,
    );
  }, fillTimeoutMs);
  afterAll(() => db.drop());

  /** Reads a first page and the one behind it, each of which may read so many rows. @returns the most that one has read */
  async function mostRows<Place>(
    list: (read: RowsRead, after: Place | undefined) => Promise<{ readonly next?: Place }>,
  ): Promise<number> {
    const first = new RowsRead(db.database);
    const { next } = await list(first, undefined);
    if (next === undefined) return first.rows;
    const second = new RowsRead(db.database);
    await list(second, next);
    return Math.max(first.rows, second.rows);
  }

  test.each(jobFilters)('a page of jobs by %s reads a bounded number of rows', async (_name, filter) => {
    for (const limit of [100, 1_000])
      expect(
        await mostRows((read, after: JobPlace | undefined) => listJobs(read, apiKeyId, filter, { after, limit })),
      ).toBeLessThanOrEqual(MAX_ROWS_READ);
  });

  test.each(batchFilters)('a page of batches by %s reads a bounded number of rows', async (_name, filter) => {
    for (const limit of [100, 1_000])
      expect(
        await mostRows((read, after: EntryPlace | undefined) => listBatches(read, apiKeyId, filter, { after, limit })),
      ).toBeLessThanOrEqual(MAX_ROWS_READ);
  });

  test.each(memberFilters)('a page of URLs of a batch by %s reads a bounded number of rows', async (_name, filter) => {
    for (const batch of batches)
      expect(
        await mostRows((read, after: number | undefined) =>
          listBatchJobs(read, batch, filter, { after, limit: 1_000 }),
        ),
      ).toBeLessThanOrEqual(MAX_ROWS_READ);
  });

  test('a search for what is nowhere ends, after short pages', async () => {
    const pages: number[] = [];
    let after: JobPlace | undefined;
    do {
      const page = await listJobs(db.database, apiKeyId, { search: 'nothing like this' }, { after, limit: 100 });
      pages.push(page.jobs.length);
      after = page.next;
    } while (after !== undefined);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.every((length) => length === 0)).toBe(true);
  });
}
