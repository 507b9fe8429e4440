import { nextSweepAtMs, promotableOf } from '../../src/scraping/sweep-policy';

const rest = (...times: number[]) => times.map((nextAttemptAtMs, place) => ({ place, attempts: 5, nextAttemptAtMs }));

test('URLs that failed together are swept together, when the last of them is due', () => {
  // Delays of half an hour ± 20 %, as they are right after a sweep.
  expect(nextSweepAtMs(rest(24 * 60_000, 30 * 60_000, 36 * 60_000), 0)).toBe(36 * 60_000);
});

test('a URL that comes much later does not hold the others up', () => {
  expect(nextSweepAtMs(rest(20_000, 25_000, 3_600_000), 0)).toBe(25_000);
});

test('what is due already is due now, and nothing left means no sweep', () => {
  expect(nextSweepAtMs(rest(500, 1_500), 1_000)).toBe(500);
  expect(nextSweepAtMs([], 0)).toBeUndefined();
});

test('few URLs that failed five times are promoted; while many are in trouble none is', () => {
  const few = [
    { attempts: 5, nextAttemptAtMs: 1 },
    { attempts: 4, nextAttemptAtMs: 1 },
  ];
  expect(promotableOf(few)).toEqual([few[0]]);
  expect(promotableOf(rest(...Array.from({ length: 25 }, () => 1)))).toHaveLength(25);
  expect(promotableOf(rest(...Array.from({ length: 26 }, () => 1)))).toHaveLength(0);
});
