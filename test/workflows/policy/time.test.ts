import fc from 'fast-check';
import { paceMs, untilNextRoundMs } from '../../../src/workflows/policy/time';

const DAY_MS = 24 * 3_600_000;
/** Events that a round adds to the history: an activity, a timer, and the workflow tasks between them. */
const EVENTS = 11;

test('24 hours are at most some 210 rounds, however soon everybody wants to be tried again', () => {
  let rounds = 0;
  for (let nowMs = 0; nowMs < DAY_MS; rounds++)
    nowMs += untilNextRoundMs({ startedAtMs: 0, nowMs, wantedAtMs: nowMs, deadlineAtMs: DAY_MS });
  expect(rounds).toBeLessThan(220);
  expect(rounds * EVENTS).toBeLessThan(2_500);
});

test('a round comes when it is wanted, unless that is too soon for the age', () => {
  const round = { startedAtMs: 0, nowMs: 60_000, deadlineAtMs: DAY_MS };
  expect(untilNextRoundMs({ ...round, wantedAtMs: 100_000 })).toBe(40_000);
  expect(untilNextRoundMs({ ...round, wantedAtMs: 61_000 })).toBe(paceMs(60_000));
});

test('a wait that would outlast the time leaves room for one more round', () => {
  const round = { startedAtMs: 0, wantedAtMs: DAY_MS, deadlineAtMs: DAY_MS };
  expect(untilNextRoundMs({ ...round, nowMs: DAY_MS - 600_000 })).toBe(570_000);
});

test('waits are always positive, and end before the deadline while there is time', () => {
  const times = fc.tuple(fc.nat(DAY_MS), fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }));
  fc.assert(
    fc.property(times, ([nowMs, wantedAtMs]) => {
      const waitMs = untilNextRoundMs({ startedAtMs: 0, nowMs, wantedAtMs, deadlineAtMs: DAY_MS });
      expect(waitMs).toBeGreaterThan(0);
      expect(nowMs + waitMs).toBeLessThanOrEqual(Math.max(DAY_MS, nowMs + 1_000));
    }),
  );
});
