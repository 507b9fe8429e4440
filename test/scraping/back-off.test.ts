import { comeBackAfterMs } from '../../src/scraping/back-off';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const HOUR_MS = 3_600_000;
const delays = async (count: number, busy: Parameters<typeof comeBackAfterMs>[1], leftMs = 24 * HOUR_MS) => {
  const all: number[] = [];
  for (let index = 0; index < count; index++) all.push(await comeBackAfterMs(db.database, busy, leftMs));
  return all;
};

test('jobs of a host with a pace come back one after another at that pace', async () => {
  const waits = await delays(4, { host: 'a.test', waitMs: 5_000, intervalMs: 2_000 });
  const gaps = waits.slice(1).map((wait, index) => Math.round((wait - (waits[index] ?? 0)) / 500) * 500);
  expect(gaps).toEqual([2_000, 2_000, 2_000]);
});

test('jobs of a host that rests come back when that is over, and not all at once', async () => {
  const busy = { host: 'b.test', waitMs: HOUR_MS, intervalMs: 0 };
  const waits = await Promise.all(Array.from({ length: 100 }, () => comeBackAfterMs(db.database, busy, 24 * HOUR_MS)));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(HOUR_MS - 1_000);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000);
});

test('jobs far back look in within ten minutes, each at another time', async () => {
  const waits = (await delays(40, { host: 'c.test', waitMs: 0, intervalMs: 60_000 })).slice(15);
  for (const wait of waits) expect(wait).toBeLessThanOrEqual(600_000);
  expect(new Set(waits).size).toBeGreaterThan(20);
});

test('a job tries again before its time is over', async () => {
  for (const wait of await delays(20, { host: 'd.test', waitMs: HOUR_MS, intervalMs: 0 }, 60_000))
    expect(wait).toBeLessThanOrEqual(54_000);
});
