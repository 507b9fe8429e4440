import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { asActivity } from '../../src/activities/as-activity';
import { createPurge } from '../../src/activities/purge';
import { createJobId } from '../../src/jobs/job-id';
import { ensureDefaultKey } from '../../src/store/api-keys';
import { createFsSegmentStore } from '../../src/pages/segments/fs-segment-store';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

const HOUR_MS = 3_600_000;

let db: TestDatabase;
let folder: string;
beforeEach(async () => {
  db = await createTestDatabase();
  await ensureDefaultKey(db.database, 'key-of-the-purge-test');
  folder = await mkdtemp(join(tmpdir(), 'everfetch-purge-'));
});
afterEach(async () => {
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

const purgeOf = () =>
  asActivity(createPurge({ database: db.database, segments: createFsSegmentStore(folder), retentionMs: 72 * HOUR_MS }));

async function addExpired(rows: number): Promise<void> {
  await db.database.query(
    `insert into jobs (id, api_key_id, url, status, deadline_at, ended_at)
       select id, (select id from api_keys), 'http://a.example/', 'finished', now(), now() - interval '73 hours' from unnest($1::uuid[]) id`,
    [Array.from({ length: rows }, () => createJobId())],
  );
}

const left = async (): Promise<number> =>
  (await db.database.query<{ n: number }>('select count(*) as n from jobs'))[0]?.n ?? -1;

test('removes rows and then the segments of their hours, with a heartbeat after each step', async () => {
  await addExpired(1_500);
  const segments = createFsSegmentStore(folder);
  const at = new Date(Date.now() - 80 * HOUR_MS);
  for (let n = 0; n < 120; n += 1) await segments.write(segmentKey(at, createJobId()), [Buffer.from('x')]);
  let beats = 0;
  const environment = new MockActivityEnvironment();
  environment.on('heartbeat', () => (beats += 1));
  expect(await environment.run(purgeOf())).toEqual({ segmentHours: 1 });
  expect(await left()).toBe(0);
  expect(await segments.listHours()).toEqual([]);
  expect(beats).toBeGreaterThanOrEqual(4); // one for a full group of rows, two for slices of files, one for the hour
});

test('a cancellation ends it between two groups and reaches the worker as what it is; the next round goes on', async () => {
  await addExpired(3_500);
  const environment = new MockActivityEnvironment();
  environment.on('heartbeat', () => environment.cancel());
  await expect(environment.run(purgeOf())).rejects.toMatchObject({ name: 'CancelledFailure' });
  expect(await left()).toBe(2_500);
  await new MockActivityEnvironment().run(purgeOf());
  expect(await left()).toBe(0);
});
