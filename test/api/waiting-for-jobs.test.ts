import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { waitingPlaceOf } from '../../src/api/waiting-for-jobs';
import { JobEndWatch } from '../../src/store/job-end-watch';

const answer = () => new EventEmitter() as unknown as Response; // as: only `close` is listened to

test('as many wait as may, the next one is told to come again, and a place is free once its answer is out', async () => {
  const jobEnds = new JobEndWatch({ findRunning: async (ids) => new Set(ids), maxWaiting: 1, everyMs: 5 });
  const stopping = new AbortController();
  const deps = { jobEnds, syncWaitSec: 70, stopping: stopping.signal };
  const first = answer();
  const place = waitingPlaceOf(deps, first);
  expect(() => waitingPlaceOf(deps, answer())).toThrow(
    expect.objectContaining({ code: 'too_many_waiting', headers: { 'Retry-After': '5' } }),
  );
  const waited = place.ended('a', 60_000);
  first.emit('close');
  await waited;
  await waitingPlaceOf(deps, answer()).ended('a', 1);
});

test('nobody waits for a job any longer when the process stops', async () => {
  const jobEnds = new JobEndWatch({ findRunning: async (ids) => new Set(ids), everyMs: 5 });
  const stopping = new AbortController();
  const waited = waitingPlaceOf({ jobEnds, syncWaitSec: 70, stopping: stopping.signal }, answer()).ended('a', 60_000);
  stopping.abort();
  await waited;
});
