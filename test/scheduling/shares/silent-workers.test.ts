import { SilentWorkers } from '../../../src/scheduling/shares/silent-workers';

const other = (beat: string, silentMs: number, id = 'a') => ({
  ...{ id, beat, silentMs },
  ...{ process: `process of ${id}`, dividesBy: 2, over: [] },
});
const watch = (ended: readonly string[] = []) =>
  new SilentWorkers({ hasEnded: (process) => ended.some((id) => process.endsWith(` ${id}`)) });
/** Looks every two seconds while nothing changes. @returns what the last look said */
const lookOn = (silent: SilentWorkers, beat: string, fromMs: number, toMs: number, silentMs = 0) => {
  let gone = silent.look([other(beat, silentMs)], fromMs);
  for (let nowMs = fromMs + 2_000; nowMs <= toMs; nowMs += 2_000) gone = silent.look([other(beat, silentMs)], nowMs);
  return gone;
};

test('a worker is gone after 20 s of silence by our own clock, whatever that of PostgreSQL shows', () => {
  const silent = watch();
  expect(lookOn(silent, '1', 0, 20_000)).toEqual([]);
  expect(lookOn(silent, '1', 22_000, 22_000)).toEqual([{ id: 'a', beat: '1' }]);
});

test('a report starts the count anew', () => {
  const silent = watch();
  lookOn(silent, '1', 0, 18_000);
  expect(lookOn(silent, '2', 20_000, 38_000)).toEqual([]);
});

test('nobody is gone because the clock of PostgreSQL was set', () => {
  const silent = watch();
  lookOn(silent, '1', 0, 2_000);
  lookOn(silent, '2', 4_000, 4_000);
  expect(lookOn(silent, '2', 6_000, 10_000, 3_600_000)).toEqual([]);
});

test('nobody is gone because PostgreSQL was away from all, or because this worker stood still', () => {
  const silent = watch();
  lookOn(silent, '1', 0, 4_000);
  expect(silent.look([other('1', 120_000)], 124_000)).toEqual([]);
  expect(silent.look([other('2', 0)], 124_500)).toEqual([]);
});

test('one that was silent already when this worker came is gone as soon as it has shown that it stays so', () => {
  const silent = watch();
  expect(silent.look([other('1', 60_000)], 0)).toEqual([]);
  expect(silent.look([other('1', 61_000)], 1_000)).toEqual([]);
  expect(silent.look([other('1', 63_000)], 3_000)).toEqual([{ id: 'a', beat: '1' }]);
});

test('one whose process has ended is gone when it has missed a report', () => {
  const silent = watch(['b']);
  const look = (silentMs: number) => silent.look([other('1', silentMs), other('1', silentMs, 'b')], silentMs);
  expect(look(1_000)).toEqual([]);
  expect(look(3_000)).toEqual([{ id: 'b', beat: '1' }]);
});
