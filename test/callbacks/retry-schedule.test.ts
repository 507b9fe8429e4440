import { nextCallAt, nextProbeAt } from '../../src/callbacks/retry-schedule';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const start = new Date('2026-03-02T09:30:00Z');
const common = { roundStartedAt: start, now: start, random: 0.5 };
const waitOf = (options: Partial<Parameters<typeof nextCallAt>[0]>) => {
  const at = nextCallAt({ attempts: 1, ...common, ...options });
  return at === undefined ? undefined : at.getTime() - (options.now ?? start).getTime();
};

test.each([
  [1, 5 * SECOND],
  [2, 30 * SECOND],
  [3, 2 * MINUTE],
  [4, 5 * MINUTE],
  [5, 30 * MINUTE],
  [6, 2 * HOUR],
  [7, 5 * HOUR],
  [8, 10 * HOUR],
  [9, 14 * HOUR],
  [10, 20 * HOUR],
  [11, 20 * HOUR],
])('after failed call %i the next one comes %i ms later, up to a fifth sooner or later', (attempts, waitMs) => {
  expect(waitOf({ attempts })).toBe(waitMs);
  expect(waitOf({ attempts, random: 0 })).toBe(0.8 * waitMs);
  expect(waitOf({ attempts, random: 1 })).toBe(1.2 * waitMs);
});

test('a delivery is tried for 72 hours, the whole schedule included', () => {
  let now = start;
  let calls = 1;
  for (let next: Date | undefined = nextCallAt({ ...common, attempts: calls, now }); next !== undefined;) {
    now = next;
    calls += 1;
    next = nextCallAt({ ...common, attempts: calls, now });
  }
  expect(calls).toBe(12);
  const lastedMs = now.getTime() - start.getTime();
  expect(lastedMs).toBeLessThanOrEqual(72 * HOUR);
  expect(lastedMs).toBeGreaterThan(48 * HOUR);
});

test('a replay has 72 hours of its own', () => {
  const now = new Date(start.getTime() + 71 * HOUR);
  expect(waitOf({ attempts: 8, now })).toBeUndefined();
  expect(waitOf({ attempts: 8, now, roundStartedAt: now })).toBe(10 * HOUR);
});

test('the receiver is not called before the time it asked for, up to a day', () => {
  expect(waitOf({ retryAfterMs: 90 * SECOND })).toBe(90 * SECOND);
  expect(waitOf({ retryAfterMs: 1 * SECOND })).toBe(5 * SECOND);
  expect(waitOf({ retryAfterMs: 365 * 24 * HOUR })).toBe(24 * HOUR);
});

test('with a number of calls set, a delivery is given up after that many', () => {
  expect(waitOf({ attempts: 2, maxAttempts: 3 })).toBe(30 * SECOND);
  expect(waitOf({ attempts: 3, maxAttempts: 3 })).toBeUndefined();
});

test('a receiver that fails again and again is probed every 5 minutes in the end, or when it said', () => {
  const probeAfter = (probes: number, retryAfterMs?: number) =>
    nextProbeAt({ probes, now: start, random: 0.5, ...(retryAfterMs !== undefined && { retryAfterMs }) }).getTime() -
    start.getTime();
  expect([0, 1, 2, 3, 4, 50].map((probes) => probeAfter(probes))).toEqual([
    ...[5 * SECOND, 30 * SECOND, 2 * MINUTE],
    ...[5 * MINUTE, 5 * MINUTE, 5 * MINUTE],
  ]);
  expect(probeAfter(0, HOUR)).toBe(HOUR);
});
