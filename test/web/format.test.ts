import { minuteSeries, minutesToShow, ratePerSecond } from '../../web/src/format/minutes';
import { bytes, counted, percent, rate, shortCount } from '../../web/src/format/numbers';
import { bareUrl, shortId, shortened, spoken } from '../../web/src/format/texts';
import { countdown, duration, relative, stamp } from '../../web/src/format/times';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, '0 ms'],
  [950, '950 ms'],
  [4_249, '4.2 s'],
  [9_999, '9.9 s'],
  [59_999, '59 s'],
  [3 * MINUTE + 20 * SECOND, '3 min 20 s'],
  [2 * MINUTE, '2 min'],
  [5 * HOUR + 12 * MINUTE, '5 h 12 min'],
  [2 * DAY + 3 * HOUR + 59 * MINUTE, '2 d 3 h'],
])('%i ms take %s', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [-2 * SECOND, 'just now'],
  [3 * SECOND, 'in a moment'],
  [-42 * SECOND, '42 s ago'],
  [90 * MINUTE, 'in 1 h'],
  [-3 * DAY, '3 days ago'],
])('%i ms from now is %s', (ms, text) => expect(relative(DAY * 10 + ms, DAY * 10)).toBe(text));

test.each([
  [0, '0:00'],
  [6_001, '0:07'],
  [HOUR + 2 * MINUTE + 3 * SECOND, '1:02:03'],
  [-5, '0:00'],
])('a countdown of %i ms shows %s', (ms, text) => expect(countdown(ms)).toBe(text));

test('a stamp is the local time to the second', () => {
  expect(stamp(new Date(2026, 10, 29, 4, 3, 7).getTime())).toBe('2026-11-29 04:03:07');
});

test.each([
  [0, 10, '0 %'],
  [1, 10_000, '< 1 %'],
  [9_999, 10_000, '> 99 %'],
  [10, 10, '100 %'],
  [0, 0, '0 %'],
  [1, 3, '33 %'],
])('%i of %i is %s', (part, total, text) => expect(percent(part, total)).toBe(text));

test('counts, sizes and rates are short and exact where it matters', () => {
  expect([shortCount(9_999), shortCount(50_000), counted(1, 'URL'), counted(2_000, 'URL')]).toEqual([
    '9,999',
    '50K',
    '1 URL',
    '2,000 URLs',
  ]);
  expect([bytes(0), bytes(999), bytes(20_400), bytes(64_000_000), bytes(5e15)]).toEqual([
    '0 B',
    '999 B',
    '20.4 kB',
    '64.0 MB',
    '5000 TB',
  ]);
  expect([rate(0), rate(0.05), rate(0.44), rate(57.2)]).toEqual(['0/s', '3.0/min', '0.4/s', '57/s']);
});

test('texts are shortened without losing what tells them apart', () => {
  expect(spoken('failed_due_to_timeout')).toBe('failed due to timeout');
  expect(shortId('0199b6c8-7d10-7abc-8def-0123456789ab')).toBe('…456789ab');
  expect(bareUrl('HTTPS://shop.example/a/')).toBe('shop.example/a');
  expect(shortened('shop.example/products/123456', 15)).toBe('shop.exam…23456');
  expect(shortened('short', 15)).toBe('short');
});

test('minutes in which nothing ended are zeroes', () => {
  const endMs = Date.parse('2026-11-29T10:05:30Z');
  const ended = [
    { minute: '2026-11-29T10:03:00Z', finished: 5, failed: 1 },
    { minute: '2026-11-29T09:00:00Z', finished: 9, failed: 9 },
  ];
  const series = minuteSeries(ended, { endMs, minutes: 4 });
  expect(series.finished).toEqual([0, 5, 0, 0]);
  expect(series.failed).toEqual([0, 1, 0, 0]);
  expect(series.times.at(-1)).toBe(Date.parse('2026-11-29T10:05:00Z') / 1_000);
});

test('the rate is that of the last whole minute, or of the present one when that is more', () => {
  const minute = '2026-11-29T10:05:00Z';
  const ended = [{ minute, finished: 110, failed: 10 }];
  expect(ratePerSecond(ended, Date.parse('2026-11-29T10:05:30Z'))).toBe(4);
  expect(ratePerSecond(ended, Date.parse('2026-11-29T10:06:20Z'))).toBe(2);
  expect(ratePerSecond(ended, Date.parse('2026-11-29T10:07:20Z'))).toBe(0);
});

test('a plot shows a quarter of an hour at least and an hour at most', () => {
  expect([minutesToShow(0, MINUTE), minutesToShow(0, 30 * MINUTE), minutesToShow(0, DAY)]).toEqual([15, 31, 60]);
});
