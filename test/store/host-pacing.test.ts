import { findRests, makeAppointment, noteRests, purgeHostPacing, reserveSlots } from '../../src/store/host-pacing';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.database.query('truncate host_pacing'));

const reserve = async (slots: number, intervalMs = 200, host = 'a.test') => {
  const [grant] = await reserveSlots(db.database, [{ host, intervalMs, slots }]);
  if (grant === undefined) throw new Error('no grant');
  return { ...grant, times: Array.from({ length: grant.slots }, (_, index) => grant.fromMs + index * intervalMs) };
};

test('workers that ask at the same time share one pace', async () => {
  const grants = await Promise.all([1, 2, 1, 3, 1].map((slots) => reserve(slots)));
  const times = grants.flatMap((grant) => grant.times).sort((a, b) => a - b);
  expect(times).toHaveLength(8);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(199.9); // a double holds microseconds of this century to a tenth
});

test('a host that was left alone is asked at once, and not several times for the time that it was left', async () => {
  await db.database.query(`insert into host_pacing (host, next_at) values ('a.test', now() - interval '1 hour')`);
  const { fromMs, nowMs, slots } = await reserve(3);
  expect(slots).toBe(3);
  expect(fromMs).toBeLessThanOrEqual(nowMs);
  expect((await reserve(1)).fromMs - fromMs).toBeCloseTo(600, 0);
});

test('nothing is taken far ahead: the answer is when the next slot is free', async () => {
  const first = await reserve(1, 60_000);
  const second = await reserve(1, 60_000);
  expect([first.slots, second.slots]).toEqual([1, 0]);
  expect(second.fromMs - first.fromMs).toBeCloseTo(60_000, 0);
  expect((await reserve(1, 60_000)).fromMs).toBe(second.fromMs);
});

test('several hosts go into one statement, and statements in opposite order do not wait for each other for ever', async () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `${index}.test`);
  const wishes = hosts.map((host) => ({ host, intervalMs: 10, slots: 2 }));
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => reserveSlots(db.database, index % 2 === 0 ? wishes : wishes.toReversed())),
  );
  for (const grants of answers) expect(new Set(grants.map(({ host }) => host)).size).toBe(100);
});

test('a rest is heard of, never cut short, and no slot lies in it', async () => {
  await noteRests(db.database, [
    { host: 'a.test', restMs: 30_000 },
    { host: 'b.test', restMs: 1_500 },
  ]);
  await noteRests(db.database, [{ host: 'a.test', restMs: 5_000 }]);
  const rests = new Map((await findRests(db.database, 60_000)).map(({ host, restMs }) => [host, restMs]));
  expect([...rests.keys()].sort()).toEqual(['a.test', 'b.test']);
  expect(rests.get('a.test')).toBeGreaterThan(20_000);
  expect((await reserve(1)).slots).toBe(0);
  const soon = await reserve(1, 200, 'b.test');
  expect(soon.slots).toBe(1);
  expect(soon.fromMs).toBeGreaterThan(soon.nowMs);
});

test('a rest is news only for a while', async () => {
  await noteRests(db.database, [{ host: 'a.test', restMs: 30_000 }]);
  await db.database.query(`update host_pacing set rest_noted_at = now() - interval '20 seconds'`);
  expect(await findRests(db.database, 10_000)).toEqual([]);
  expect(await findRests(db.database, 30_000)).toHaveLength(1);
});

test('jobs come back one after another, and those that are too many make no appointment', async () => {
  const appoint = () =>
    makeAppointment(db.database, 'a.test', { notBeforeMs: 1_000, intervalMs: 20_000, atMostMs: 50_000 });
  const waits = [await appoint(), await appoint(), await appoint(), await appoint(), await appoint()];
  expect(waits.map((wait) => wait && Math.round(wait / 5_000) * 5_000)).toEqual([
    0,
    20_000,
    40_000,
    undefined,
    undefined,
  ]);
  const later = await makeAppointment(db.database, 'a.test', {
    notBeforeMs: 90_000,
    intervalMs: 20_000,
    atMostMs: 50_000,
  });
  expect(later).toBeGreaterThan(89_000); // a host that rests for longer than that
});

test('hosts are forgotten an hour after all of their times are over', async () => {
  await db.database.query(`
    insert into host_pacing (host, next_at, rests_until) values
      ('old.test', now() - interval '2 hours', '-infinity'),
      ('resting.test', now() - interval '2 hours', now() + interval '1 minute'),
      ('recent.test', now() - interval '5 minutes', '-infinity')`);
  expect(await purgeHostPacing(db.database, async () => true)).toBe(true);
  const rows = await db.database.query<{ host: string }>('select host from host_pacing order by host');
  expect(rows.map(({ host }) => host)).toEqual(['recent.test', 'resting.test']);
});
