import fc from 'fast-check';
import { InFlightLimit } from '../../src/scheduling/in-flight-limit';
import type { LoadSample } from '../../src/scheduling/in-flight-limit';

const WELL: LoadSample = {
  isFull: true,
  loopUtilization: 0.6,
  loopDelayMs: 2,
  isBacklogged: false,
  isShortOfMemory: false,
  isShortOfSockets: false,
};

function limitAfter(samples: readonly Partial<LoadSample>[], max = 2_000): number {
  const limit = new InFlightLimit(max);
  for (const sample of samples) limit.observe({ ...WELL, ...sample });
  return limit.current;
}

const times = (count: number, sample: Partial<LoadSample> = {}) => Array.from({ length: count }, () => sample);

test('begins at 128, or at the most that is allowed', () => {
  expect(limitAfter([])).toBe(128);
  expect(limitAfter([], 20)).toBe(20);
});

test('grows to the most that is allowed within two seconds of samples while every slot is used', () => {
  expect(limitAfter(times(8))).toBe(2_000);
});

test.each([
  ['nobody waits for a slot', { isFull: false }],
  ['the event loop is always at work', { loopUtilization: 0.98 }],
  ['timers are a little late', { loopDelayMs: 50 }],
  ['commits do not keep up', { isBacklogged: true }],
])('stays while %s', (_, sample) => {
  expect(limitAfter(times(20, sample))).toBe(128);
});

test.each([
  ['timers fire late', { loopDelayMs: 150 }, 0.85],
  ['memory runs out', { isShortOfMemory: true }, 0.85],
  ['sockets run out', { isShortOfSockets: true }, 0.7],
])('shrinks at once when %s, step by step, and does not grow again right away', (_, sample, factor) => {
  const before = limitAfter(times(8));
  expect(limitAfter([...times(8), sample])).toBe(Math.floor(before * factor));
  expect(limitAfter([...times(8), sample, ...times(3, sample)])).toBe(Math.floor(before * factor));
  expect(limitAfter([...times(8), sample, ...times(6)])).toBe(Math.floor(before * factor));
  expect(limitAfter([...times(8), ...times(200, sample)])).toBe(16);
  expect(limitAfter([...times(8), sample, ...times(12)])).toBe(2_000);
});

test('never leaves its bounds, whatever is measured', () => {
  const sample = fc.record({
    isFull: fc.boolean(),
    loopUtilization: fc.double({ min: 0, max: 1, noNaN: true }),
    loopDelayMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    isBacklogged: fc.boolean(),
    isShortOfMemory: fc.boolean(),
    isShortOfSockets: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), fc.integer({ min: 1, max: 5_000 }), (samples, max) => {
      const limit = limitAfter(samples, max);
      expect(limit).toBeGreaterThanOrEqual(Math.min(16, max));
      expect(limit).toBeLessThanOrEqual(max);
    }),
  );
});
