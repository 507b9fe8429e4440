import { HEALTHY, afterFailure, isProbed } from '../../src/callbacks/receiver-health';

const start = new Date('2026-03-02T09:30:00Z');
const failure = { at: start, now: start, random: 0.5 };
const later = (ms: number) => new Date(start.getTime() + ms);

test('one or two failures in a row are those of single calls, the third is the receiver’s', () => {
  const one = afterFailure(HEALTHY, failure);
  const two = afterFailure(one, { ...failure, at: later(10) });
  expect([one, two].map(isProbed)).toEqual([false, false]);
  const three = afterFailure(two, { ...failure, at: later(20) });
  expect(three).toEqual({ failures: 3, failingSince: start, nextCallAt: later(5_000) });
});

test('each probe that fails makes the pause longer', () => {
  let health = HEALTHY;
  const pauses: number[] = [];
  for (let call = 0; call < 8; call += 1) {
    health = afterFailure(health, failure);
    if (health.nextCallAt !== undefined) pauses.push(health.nextCallAt.getTime() - start.getTime());
  }
  expect(pauses).toEqual([5_000, 30_000, 120_000, 300_000, 300_000, 300_000]);
});

test('a receiver that asks for patience is left alone from the first time on', () => {
  expect(afterFailure(HEALTHY, { ...failure, retryAfterMs: 60_000 })).toEqual({
    failures: 3,
    failingSince: start,
    nextCallAt: later(60_000),
  });
});
