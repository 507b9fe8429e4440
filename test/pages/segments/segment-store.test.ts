import fc from 'fast-check';
import { assertHour, hourOf, segmentKey } from '../../../src/pages/segments/segment-store';

const UUID = '0199b6c8-7d10-7abc-8def-0123456789ab';

test('segmentKey is the hour in UTC and the uuid', () => {
  const key = segmentKey(new Date('2026-10-05T01:59:59.999+02:00'), UUID);
  expect(key).toBe(`segments/2026/10/04/23/${UUID}.warc`);
  expect(hourOf(key)).toBe('segments/2026/10/04/23');
});

test('keys sort like the times they were made at', () => {
  const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(date, date, (a, b) => {
      const [keyA, keyB] = [hourOf(segmentKey(a, UUID)), hourOf(segmentKey(b, UUID))];
      if (a <= b) expect(keyA <= keyB).toBe(true);
    }),
  );
});

test('segmentKey refuses what is not a uuid', () => {
  expect(() => segmentKey(new Date(), '../../etc/passwd')).toThrow('is not a segment key');
});

test.each([
  '',
  '/etc/passwd',
  `../segments/2026/10/05/13/${UUID}.warc`,
  `segments/2026/10/05/../../../${UUID}.warc`,
  `segments/2026/10/05/13/../${UUID}.warc`,
  `segments/2026/10/05/13/${UUID}.warc/x`,
  `segments/2026/10/05/13/${UUID}.warc\n`,
  `segments/2026/10/05/13/.${UUID}.tmp`,
  `/segments/2026/10/05/13/${UUID}.warc`,
])('hourOf refuses %j', (key) => {
  expect(() => hourOf(key)).toThrow(TypeError);
});

test.each([
  '',
  'segments',
  'segments/2026/10/05',
  'segments/2026/10/05/..',
  'segments/2026/10/05/13/',
  '../2026/10/05/13',
])('assertHour refuses %j', (prefix) => {
  expect(() => assertHour(prefix)).toThrow(TypeError);
});
