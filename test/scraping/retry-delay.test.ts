import fc from 'fast-check';
import { retryDelayMs } from '../../src/scraping/retry-delay';

const day = 86_400_000;

test.each([
  [1, 2_000],
  [2, 4_000],
  [5, 32_000],
  [11, 1_800_000],
  [10_000, 1_800_000],
])('after %d attempts the wait is %d ms', (attempts, expected) => {
  expect(retryDelayMs({ attempts, leftMs: day, random: 0.5 })).toBe(expected);
});

test('jitter is 20 % to either side', () => {
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0 })).toBe(1_600);
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0.999999 })).toBe(2_400);
});

test('Retry-After counts when it is longer, up to an hour', () => {
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0.5, retryAfterMs: 1_000 })).toBe(2_000);
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0.5, retryAfterMs: 60_000 })).toBe(60_000);
  expect(retryDelayMs({ attempts: 1, leftMs: day, random: 0.5, retryAfterMs: day })).toBe(3_600_000);
});

test('a wait that would outlast the job leaves room for one more try', () => {
  expect(retryDelayMs({ attempts: 11, leftMs: 600_000, random: 0.5 })).toBe(570_000);
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
        expect(delay).toBeGreaterThanOrEqual(1_600);
        expect(delay).toBeLessThanOrEqual(3_600_000);
      },
    ),
  );
});
