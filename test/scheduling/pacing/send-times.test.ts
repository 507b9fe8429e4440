import fc from 'fast-check';
import { SendTimes } from '../../../src/scheduling/pacing/send-times';
import { RemoteClock } from '../../../src/scheduling/pacing/slot-reserver';

/** The most requests in any time as long as this. */
function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));
}

test('however late and bunched up a process looks, a host sees no more than one request over its pace', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 50, maxLength: 200 }),
      (perSecond, pauses) => {
        const intervalMs = 1_000 / perSecond;
        const times = new SendTimes();
        times.add(0, 200, intervalMs);
        const sent: number[] = [];
        let nowMs = 0;
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          for (; times.isDue(nowMs, intervalMs); times.take()) sent.push(nowMs);
        }
        expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(perSecond + 1);
      },
    ),
  );
});

test('who looks in time uses every slot', () => {
  const times = new SendTimes();
  times.add(100, 10, 200);
  let sent = 0;
  for (let nowMs = 0; nowMs < 3_000; nowMs += 7) for (; times.isDue(nowMs, 200); times.take()) sent += 1;
  expect(sent).toBe(10);
});

test('the time of a remote clock is never taken for an earlier one than it is, and for a later one by the quickest answer at most', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ there: fc.integer({ min: 0, max: 300 }), back: fc.integer({ min: 0, max: 300 }) }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.integer({ min: -1e6, max: 1e6 }),
      (trips, offsetMs) => {
        const clock = new RemoteClock();
        let nowMs = 0;
        for (const { there, back } of trips) {
          clock.note(nowMs + there + offsetMs, nowMs, nowMs + there + back);
          nowMs += there + back;
          const localMs = clock.toLocalMs(nowMs + offsetMs);
          expect(localMs).toBeGreaterThanOrEqual(nowMs - 1e-6);
        }
        const quickest = Math.min(...trips.map(({ back }) => back));
        expect(clock.toLocalMs(nowMs + offsetMs) - nowMs).toBeLessThanOrEqual(quickest + nowMs * 0.0002 + 1e-6);
      },
    ),
  );
});

test('a remote clock that was set back is believed at the next answer', () => {
  const clock = new RemoteClock();
  clock.note(50_000, 0, 2);
  clock.note(1_001, 1_000, 1_002);
  expect(clock.toLocalMs(2_000)).toBeCloseTo(2_001, 5);
});
