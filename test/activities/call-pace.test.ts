import { CallPace } from '../../src/activities/call-pace';

beforeEach(() => jest.useFakeTimers({ advanceTimers: false }));
afterEach(() => jest.useRealTimers());

/** Calls that may be made within a second of many tries. */
function callsInASecond(pace: CallPace, since: () => Date): number {
  let calls = 0;
  for (let ms = 0; ms < 1_000; ms += 10) {
    for (let each = 0; each < 100; each += 1) if (pace.take(since()) === 0) calls += 1;
    jest.advanceTimersByTime(10);
  }
  return calls;
}
const now = () => new Date();

test('while fetching is busy, calls have a pace; otherwise they have none', () => {
  let isBusy = true;
  const pace = new CallPace(() => isBusy);
  const paced = callsInASecond(pace, now);
  expect(paced).toBeGreaterThan(1_150);
  expect(paced).toBeLessThan(1_300);
  isBusy = false;
  expect(callsInASecond(pace, now)).toBe(10_000);
});

test('who has to wait is told for how long', () => {
  const pace = new CallPace(() => true);
  let waitMs = 0;
  while (waitMs === 0) waitMs = pace.take(now());
  jest.advanceTimersByTime(waitMs);
  expect(pace.take(now())).toBe(0);
});

test('what has waited for long is called whatever else there is to do', () => {
  const pace = new CallPace(() => true);
  expect(callsInASecond(pace, () => new Date(Date.now() - 31_000))).toBe(10_000);
});
