import { FetchPool } from '../../../src/scheduling/fetch-pool';
import { HostRules } from '../../../src/scheduling/pacing/host-rules';
import { Pacer } from '../../../src/scheduling/pacing/pacer';
import { parseHostRules } from '../../../src/scheduling/pacing/parse-host-rules';
import { findRests, noteRests, reserveSlots } from '../../../src/store/host-pacing';
import { createTestDatabase } from '../../support/test-database';
import type { TestDatabase } from '../../support/test-database';
import { waitFor } from '../../support/wait-for';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

const pacers: Pacer[] = [];
afterEach(() => pacers.splice(0).forEach((pacer) => pacer.stop()));

/** A worker with what one has in the service: the pool and a pacer on PostgreSQL. */
function startWorker(rules: string) {
  const { database } = db;
  const pacer = new Pacer({
    rules: new HostRules(parseHostRules(rules)),
    store: {
      reserve: (wishes) => reserveSlots(database, wishes),
      noteRests: (rests) => noteRests(database, rests),
      findRests: (withinMs) => findRests(database, withinMs),
    },
  });
  pacers.push(pacer);
  const pool = new FetchPool({ capacity: 32, perHost: 16, gate: pacer });
  const times: number[] = [];
  const aside: number[] = [];
  const lane = pool.openLane<string>({ apiKeyId: 'k', maxConcurrency: undefined }, 'b', {
    patienceMs: 15_000,
    start: (_host, release) => {
      times.push(performance.now());
      setTimeout(release, 20);
    },
    setAside: (_host, waitMs) => aside.push(waitMs),
  });
  return { pacer, pool, lane, times, aside };
}

test('two workers on one PostgreSQL keep one pace', async () => {
  const workers = [startWorker('slow.test=10/s'), startWorker('slow.test=10/s')];
  for (let index = 0; index < 30; index++) workers[index % 2]?.lane.add('slow.test', 'slow.test');
  await waitFor(() => workers.every(({ times }) => times.length === 15));
  const times = workers.flatMap((worker) => worker.times).sort((a, b) => a - b);
  // 12 within a second would be two over the pace: a request is up to 50 ms late, and that is the one over.
  for (const from of times) expect(times.filter((time) => time >= from && time < from + 1_000).length).toBeLessThan(12);
});

test('a worker learns from PostgreSQL that a host has asked another one for a rest', async () => {
  const [told, other] = [startWorker(''), startWorker('')];
  told.pacer.note('tired.test', { kind: 'throttled', statusCode: 429, retryAfterMs: 60_000 });
  await waitFor(() => {
    other.lane.add('busy.test', 'busy.test'); // a worker without anything to do does not ask
    return other.pacer.delayOf('tired.test') !== undefined;
  });
  expect(other.pacer.delayOf('tired.test')).toMatchObject({ reason: 'resting' });
  other.lane.add('tired.test', 'tired.test');
  expect(other.aside[0]).toBeGreaterThan(50_000);
});
