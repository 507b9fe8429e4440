import { localNow, rfc3339 } from '../../web/src/views/deliveries/local-time';
import { periodsOf, rangeOf } from '../../web/src/views/usage/periods';

const NOW = Date.parse('2026-11-29T09:30:00Z');
const used = (hour: string, credits: number) => ({ hour, credits, finished: credits, failed: 1, cancelled: 0 });

test('hours in which nothing was used are there, too', () => {
  const periods = periodsOf([used('2026-11-29T08:00:00Z', 7)], rangeOf('1d'), NOW);
  expect(periods).toHaveLength(25);
  expect(periods.at(-1)).toEqual({
    atMs: Date.parse('2026-11-29T09:00:00Z'),
    credits: 0,
    finished: 0,
    failed: 0,
    cancelled: 0,
  });
  expect(periods.at(-2)).toMatchObject({ credits: 7, failed: 1 });
});

test('the hours of a day are one bar, and what lies before the range is left out', () => {
  const hours = [used('2026-01-01T00:00:00Z', 1), used('2026-11-28T00:00:00Z', 2), used('2026-11-28T23:00:00Z', 3)];
  const periods = periodsOf(hours, rangeOf('30d'), NOW);
  expect(periods.filter(({ credits }) => credits > 0)).toEqual([
    { atMs: Date.parse('2026-11-28T00:00:00Z'), credits: 5, finished: 5, failed: 2, cancelled: 0 },
  ]);
});

test('a range that is not known is the first one', () => expect(rangeOf('century').id).toBe('7d'));

test('times of fields are those of the reader, to the minute', () => {
  const at = '2026-11-29T09:30:00.000Z';
  expect(rfc3339(localNow(0, at))).toBe(at);
  expect(localNow(0, 'yesterday')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
  expect([rfc3339(''), rfc3339('2026-13-01T00:00')]).toEqual([undefined, undefined]);
});
