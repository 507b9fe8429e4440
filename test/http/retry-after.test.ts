import fc from 'fast-check';
import { parseRetryAfter } from '../../src/http/retry-after';

const NOW = Date.UTC(2024, 0, 31, 12, 0, 0);

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['1.5', 1_500],
  ['Wed, 31 Jan 2024 12:01:00 GMT', 60_000],
  ['Wednesday, 31-Jan-24 12:01:00 GMT', 60_000],
  ['Wed Jan 31 12:01:00 2024', 60_000],
  ['Wed, 31 Jan 2024 11:00:00 GMT', 0],
])('%j is %d ms', (value, expected) => {
  expect(parseRetryAfter(value, NOW)).toBe(expected);
});

test.each([
  undefined,
  '',
  'soon',
  '-5',
  '1e3',
  '0x10',
  'Infinity',
  '2024-01-31T12:01:00Z',
  'Wed, 99 Jan 2024 12:01:00 GMT',
  '5 minutes',
])('%j means nothing', (value) => {
  expect(parseRetryAfter(value, NOW)).toBeUndefined();
});

test('a date and the seconds until then agree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 8 }), (seconds) => {
      const date = new Date(NOW + seconds * 1_000).toUTCString();
      expect(parseRetryAfter(date, NOW)).toBe(parseRetryAfter(String(seconds), NOW));
    }),
  );
});

test('whatever the text, the answer is undefined or a whole number that is not negative', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,400}(\.\d+)?$/)), (text) => {
      const parsed = parseRetryAfter(text, NOW);
      expect(parsed === undefined || (Number.isSafeInteger(parsed) && parsed >= 0)).toBe(true);
    }),
  );
});
