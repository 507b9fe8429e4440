import { CallPace } from '../../src/callbacks/call-pace';

beforeEach(() => jest.useFakeTimers({ advanceTimers: false }));
afterEach(() => jest.useRealTimers());

/** Counts the calls that are allowed during a second of many tries. */
function callsInASecond(since: () => Date, fetching: { isBusy?: boolean; fetchesPerSecond?: number } = {}): number {
  const { isBusy = true, fetchesPerSecond = 0 } = fetching;
  const pool = { isBusy, begun: 1_000 };
  const pace = new CallPace(pool);
  let calls = 0;
  for (let ms = 0; ms < 1_000; ms += 10) {
    for (let each = 0; each < 100; each += 1) if (pace.take(since()) === 0) calls += 1;
    jest.advanceTimersByTime(10);
    pool.begun += fetchesPerSecond / 100;
  }
  return calls;
}
const now = () => new Date();

test.each([
  [4_000, 1_000],
  [8_000, 2_000],
  [100, 300],
])('while fetching is busy with %i pages a second, there are some %i calls a second', (fetchesPerSecond, expected) => {
  const calls = callsInASecond(now, { fetchesPerSecond });
  expect(calls).toBeGreaterThanOrEqual(expected - 25);
  expect(calls).toBeLessThan(expected + 75); // the burst of the beginning
});

test('otherwise calls have no pace', () => {
  expect(callsInASecond(now, { isBusy: false })).toBe(10_000);
});

test('what has waited for long is called whatever else there is to do', () => {
  expect(callsInASecond(() => new Date(Date.now() - 31_000))).toBe(10_000);
});
