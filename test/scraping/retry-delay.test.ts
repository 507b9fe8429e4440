import fc from 'fast-check';
import { retryDelayMs } from '../../src/scraping/retry-delay';

const day = 86_400_000;

test.each([
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [12, 1_800_000],
  [10_000, 1_800_000],
])('after %d attempts the wait is %d ms', (attempts, expected) => {
  expect(retryDelayMs({ attempts, leftMs: day, random: 0.5 })).toBe(expected);
});

test('jitter is 20 % to either side', () => {
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0 })).toBe(800);
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0.999999 })).toBe(1_200);
});

test.each([1, 2, 3])('after failure %d a Retry-After is obeyed as given, also when it is shorter', (attempts) => {
  const after = (retryAfterMs: number) => retryDelayMs({ attempts, leftMs: day, random: 0.5, retryAfterMs });
  expect([1_000, 2_000, 60_000, day].map(after)).toEqual([1_000, 2_000, 60_000, 3_600_000]);
});

test('from the fourth failure on it counts when it is longer', () => {
  const after = (retryAfterMs: number) => retryDelayMs({ attempts: 4, leftMs: day, random: 0.5, retryAfterMs });
  expect([1_000, 8_000, 60_000, day].map(after)).toEqual([8_000, 8_000, 60_000, 3_600_000]);
});

test('a Retry-After of less than a second says nothing', () => {
  expect(retryDelayMs({ attempts: 3, leftMs: day, random: 0.5, retryAfterMs: 0 })).toBe(4_000);
  expect(retryDelayMs({ attempts: 3, leftMs: day, random: 0.5, retryAfterMs: 999 })).toBe(4_000);
});

test('a wait that would outlast the job leaves room for one more try', () => {
  expect(retryDelayMs({ attempts: 12, leftMs: 600_000, random: 0.5 })).toBe(570_000);
  expect(retryDelayMs({ attempts: 11, leftMs: 10_000, random: 0.5 })).toBe(2_000);
});

test('is always a positive, bounded number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: -day, max: day }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(),
      (attempts, leftMs, random, retryAfterMs) => {
        const delay = retryDelayMs({ attempts, leftMs, random, retryAfterMs });
        expect(delay).toBeGreaterThanOrEqual(800);
        expect(delay).toBeLessThanOrEqual(3_600_000);
      },
    ),
  );
});
