import { ThrottleRecord } from '../../../src/scheduling/pacing/throttle-record';

const MINUTE_MS = 60_000;

test('a 429 is meant for the whole host, for as long as it asks, an hour at most', () => {
  expect(new ThrottleRecord().noteThrottled({ statusCode: 429, retryAfterMs: 5_000 }, 0)).toBe(5_000);
  expect(new ThrottleRecord().noteThrottled({ statusCode: 429, retryAfterMs: 86_400_000 }, 0)).toBe(60 * MINUTE_MS);
  expect(new ThrottleRecord().noteThrottled({ statusCode: 429, retryAfterMs: 0 }, 0)).toBe(1_000);
});

test('without Retry-After the rest doubles with each 429 in a row, from 2 s to a minute, and begins anew after an answer', () => {
  const record = new ThrottleRecord();
  let nowMs = 0;
  const next = () => {
    const restMs = record.noteThrottled({ statusCode: 429 }, nowMs);
    nowMs += restMs;
    return restMs;
  };
  expect(Array.from({ length: 7 }, next)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  record.noteAnswered(nowMs);
  expect(next()).toBe(2_000);
});

test('requests that were in flight together and are turned away together count once', () => {
  const record = new ThrottleRecord();
  const rests = Array.from({ length: 16 }, (_, index) => record.noteThrottled({ statusCode: 429 }, index));
  expect(rests.filter((restMs) => restMs > 0)).toEqual([2_000]);
  record.noteAnswered(20); // so does an answer to a request from before
  expect([record.limit, record.restsUntilMs]).toEqual([1, 2_000]);
});

test('after a rest one request at a time is made, then one more with every answer, until there is no limit', () => {
  const record = new ThrottleRecord();
  record.noteThrottled({ statusCode: 429 }, 0);
  const limits = Array.from({ length: 6 }, () => {
    const { limit } = record;
    record.noteAnswered(3_000);
    return limit;
  });
  expect(limits).toEqual([1, 2, 3, 4, 5, 6]);
  for (let answers = 0; answers < 70; answers++) record.noteAnswered(3_000);
  expect([record.limit, record.isOver(3_000)]).toEqual([Infinity, true]);
});

test('a site that answers one page in twenty with 503 is not stopped', () => {
  const record = new ThrottleRecord();
  for (let index = 0; index < 1_000; index++) {
    if (index % 20 === 0) expect(record.noteThrottled({ statusCode: 503, retryAfterMs: 9_000 }, index)).toBe(0);
    else record.noteAnswered(index);
  }
});

test('pages that are answered with 503 again and again, when nothing else is left of a batch, do not make their host rest', () => {
  const record = new ThrottleRecord();
  for (let index = 0; index < 16; index++) record.noteAnswered(0);
  const again = { statusCode: 503, retryAfterMs: 1_000, wasThrottledBefore: true };
  for (let index = 0; index < 100; index++) expect(record.noteThrottled(again, index)).toBe(0);
  expect(record.limit).toBe(Infinity);
  // A host that has been down and is being tried again is another matter.
  record.noteThrottled({ statusCode: 429 }, 1_000);
  const rests = Array.from({ length: 16 }, () => record.noteThrottled(again, 10_000));
  expect(Math.max(...rests)).toBe(1_000);
});

test('a host that answers nearly everything with 503 rests as it asks, five minutes at most', () => {
  const record = new ThrottleRecord();
  record.noteAnswered(0);
  const rests = Array.from({ length: 4 }, () => record.noteThrottled({ statusCode: 503, retryAfterMs: 3_600_000 }, 0));
  expect(rests).toEqual([0, 0, 0, 5 * MINUTE_MS]);
  const silent = new ThrottleRecord();
  for (let index = 0; index < 16; index++) expect(silent.noteThrottled({ statusCode: 503 }, 0)).toBe(0);
});
