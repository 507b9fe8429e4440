import { setMaxListeners } from 'node:events';
import { FetchPool } from '../../../src/scheduling/fetch-pool';
import { HostRules } from '../../../src/scheduling/pacing/host-rules';
import { Pacer } from '../../../src/scheduling/pacing/pacer';
import { parseHostRules } from '../../../src/scheduling/pacing/parse-host-rules';
import { createSharedStore } from './shared-memory-store';
import type { SharedStore } from './shared-memory-store';

const never = new AbortController().signal;
setMaxListeners(0, never);
const pacers: Pacer[] = [];
type Answer = Parameters<Pacer['note']>[1];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  pacers.splice(0).forEach((pacer) => pacer.stop());
  jest.useRealTimers();
});

/** A worker that fetches what is added; a fetch takes `fetchMs`, and `answerOf` tells what comes of it. */
function startWorker(
  store: SharedStore,
  rules: string,
  { fetchMs = 30, capacity = 32, answerOf = (): Answer => ({ kind: 'page' }) } = {},
) {
  const pacer = new Pacer({ rules: new HostRules(parseHostRules(rules)), store });
  pacers.push(pacer);
  const pool = new FetchPool({ capacity, perHost: 16, gate: pacer });
  const started: { readonly host: string; readonly atMs: number }[] = [];
  const aside: number[] = [];
  const lane = pool.openLane<string>({ apiKeyId: 'k', maxConcurrency: undefined }, 'b', {
    patienceMs: 15_000,
    start(host, release) {
      started.push({ host, atMs: performance.now() });
      setTimeout(() => {
        pacer.note(host, answerOf());
        release();
      }, fetchMs);
    },
    setAside: (_host, waitMs) => aside.push(waitMs),
  });
  const add = (count: number, host = 'slow.test') => {
    for (let index = 0; index < count; index++) lane.add(host, host);
  };
  return { pacer, pool, lane, started, aside, add, times: () => started.map(({ atMs }) => atMs) };
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));
}

test.each([
  ['5/s', 5, 2],
  ['50/s', 50, 3],
  ['120/m', 2, 2],
])('%s is kept by all workers together, and made use of', async (pace, perSecond, workers) => {
  const store = createSharedStore(() => Math.random() * 10);
  const all = Array.from({ length: workers }, () => startWorker(store, `slow.test=${pace}`));
  all.forEach(({ add }) => add(1_000));
  await pass(20_000);
  const times = all.flatMap((worker) => worker.times()).sort((a, b) => a - b);
  expect(mostWithin(times, 1_000)).toBeLessThanOrEqual(Math.ceil(perSecond * 1.05) + 1);
  expect(times.length).toBeGreaterThan(perSecond * 20 * 0.9);
  for (const { started } of all) expect(started.length).toBeGreaterThan(times.length / workers / 2);
});

test('slots are asked for about once a second and host, for many hosts at once', async () => {
  const store = createSharedStore();
  const { add, started } = startWorker(store, '*=5/s');
  for (let index = 0; index < 100; index++) add(50, `${index}.test`);
  await pass(5_000);
  expect(started.length).toBeGreaterThan(2_000);
  expect(store.largestStatement).toBeGreaterThan(50);
  expect(store.calls.reserve).toBeLessThan(500); // of 2,500 slots
});

test('hosts without a pace are not written or asked about', async () => {
  const store = createSharedStore();
  const { add, started } = startWorker(store, 'slow.test=1/s;concurrency=1', { fetchMs: 1 });
  add(500, 'quick.test');
  await pass(500);
  expect(started).toHaveLength(500);
  expect(store.calls.reserve).toBe(0);
});

test('concurrency=2 is two at a time', async () => {
  const { add, pool, started } = startWorker(createSharedStore(), '*.slow.test=concurrency=2');
  add(10, 'www.slow.test');
  add(20, 'quick.test');
  expect(started.filter(({ host }) => host === 'www.slow.test')).toHaveLength(2);
  expect(pool.active).toBe(18);
});

test('nothing is sent while PostgreSQL is away, and the pace goes on when it is back', async () => {
  const store = createSharedStore();
  store.isAway = true;
  const { add, started } = startWorker(store, 'slow.test=5/s');
  add(10);
  await pass(3_000);
  expect(started).toEqual([]);
  store.isAway = false;
  await pass(2_500);
  expect(started.length).toBeGreaterThan(4);
});

test('a host that answers 429 is left alone as long as it asks, by workers that never asked it as well', async () => {
  const store = createSharedStore();
  const throttled = startWorker(store, '', {
    answerOf: () => ({ kind: 'throttled', statusCode: 429, retryAfterMs: 10_000 }),
  });
  const other = startWorker(store, '', { fetchMs: 5_000 });
  throttled.add(40);
  other.add(200, 'quick.test'); // it is at work
  await pass(2_500);
  expect(throttled.started).toHaveLength(16); // in flight together
  other.add(5);
  await pass(7_000);
  expect([throttled.started.length, other.started.filter(({ host }) => host === 'slow.test').length]).toEqual([16, 0]);
  await pass(3_000);
  expect(throttled.started).toHaveLength(17); // one, to see
  expect(other.started.filter(({ host }) => host === 'slow.test')).toHaveLength(1);
});

test('after a rest there is one request at a time, then two, four, and so on up to the usual number', async () => {
  let answer: Answer = { kind: 'throttled', statusCode: 429 };
  const worker = startWorker(createSharedStore(), '', { fetchMs: 100, answerOf: () => answer });
  worker.add(200);
  await pass(150);
  answer = { kind: 'page' };
  await pass(2_000);
  const since = () => worker.started.length - 16;
  const counts = [since()];
  for (let round = 0; round < 3; round++) {
    await pass(100);
    counts.push(since());
  }
  expect(counts).toEqual([1, 3, 7, 15]);
  await pass(500);
  expect(worker.pool.active).toBe(16);
});

test('what waits for a host that rests long is handed back, what comes later at once', async () => {
  const worker = startWorker(createSharedStore(), '', {
    answerOf: () => ({ kind: 'throttled', statusCode: 429, retryAfterMs: 60_000 }),
  });
  worker.add(20);
  await pass(50);
  expect(worker.aside).toHaveLength(4);
  worker.add(1);
  expect(worker.aside).toHaveLength(5);
  for (const waitMs of worker.aside) expect(waitMs).toBeGreaterThan(59_000);
  expect(worker.pool.active).toBe(0);
});

test('jobs for a host whose next slot is far off are sent away when that is known, with the time to come again', async () => {
  const worker = startWorker(createSharedStore(), 'slow.test=1/m');
  const enter = () =>
    Promise.resolve(worker.pool.enter({ apiKeyId: 'k', maxConcurrency: undefined }, 'slow.test', never));
  const first = enter();
  const second = enter().catch((error: unknown) => error);
  await pass(100);
  (await first)?.();
  expect(await second).toMatchObject({ name: 'HostBusyError', reason: 'paced', intervalMs: 60_000 });
  expect((await second) as { waitMs: number }).toMatchObject({ waitMs: expect.closeTo(60_000, -3) });
});

test('a request after a redirect waits for its turn, and goes before the pool', async () => {
  const worker = startWorker(createSharedStore(), 'slow.test=2/s');
  worker.add(20);
  await pass(1_200);
  const before = worker.started.length;
  const turn = worker.pacer.pass('slow.test', never);
  expect(turn).toBeInstanceOf(Promise);
  await pass(700);
  await turn;
  expect(worker.started.length - before).toBeLessThanOrEqual(1);
  expect(worker.pacer.pass('quick.test', never)).toBeUndefined();
});

test('a request that would wait long for its turn is refused, and so is one whose attempt ends', async () => {
  const { pacer } = startWorker(createSharedStore(), 'slow.test=1/s');
  const leaving = new AbortController();
  const outcomes = Promise.allSettled(Array.from({ length: 14 }, async () => pacer.pass('slow.test', never)));
  const ended = pacer.pass('other.test', leaving.signal);
  expect(ended).toBeUndefined();
  await pass(15_000);
  const refused = (await outcomes).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused[0]).toMatchObject({ reason: { name: 'HostBusyError', reason: 'paced' } });
  const first = pacer.pass('slow.test', leaving.signal);
  leaving.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
});

test('a crawl-delay is a pace, the slower of two counts, and it goes when robots.txt does not ask for it any more', async () => {
  const worker = startWorker(createSharedStore(), 'slow.test=5/s');
  worker.pacer.setCrawlDelay('slow.test', 1_000);
  worker.pacer.setCrawlDelay('plain.test', 2_000);
  worker.add(50);
  worker.add(50, 'plain.test');
  await pass(10_000);
  const of = (name: string) => worker.started.filter(({ host }) => host === name).length;
  expect([of('slow.test'), of('plain.test')]).toEqual([10, 5]);
  worker.pacer.setCrawlDelay('plain.test', undefined);
  await pass(3_000);
  expect(of('plain.test')).toBe(50);
});

test('a worker that has nothing to fetch asks PostgreSQL nothing, and forgets hosts', async () => {
  const store = createSharedStore();
  const { add, pacer } = startWorker(store, 'slow.test=5/s');
  add(3);
  await pass(3_000);
  const before = { ...store.calls };
  await pass(60_000);
  expect(store.calls).toEqual(before);
  expect(pacer.knownHosts).toBe(0);
});

test('two pools of a worker share a pace, and take turns', async () => {
  const pacer = new Pacer({ rules: new HostRules(parseHostRules('slow.test=10/s')), store: createSharedStore() });
  pacers.push(pacer);
  const counts = [0, 0];
  [0, 1].forEach((index) => {
    const pool = new FetchPool({ capacity: 8, perHost: 8, gate: pacer });
    const lane = pool.openLane({ apiKeyId: 'k', maxConcurrency: undefined }, 'b', {
      patienceMs: 15_000,
      start: (_item, release) => {
        counts[index] = (counts[index] ?? 0) + 1;
        setTimeout(release, 10);
      },
      setAside: () => undefined,
    });
    for (let item = 0; item < 100; item++) lane.add('slow.test', item);
  });
  await pass(5_000);
  expect(Math.min(...counts)).toBeGreaterThan(15);
  expect(Math.max(...counts)).toBeLessThan(35);
});

test('at a slow pace, all requests of one attempt share its turn; a quick one gives each its own', () => {
  const { signal } = new AbortController();
  const pacerWith = (rules: string) => {
    const pacer = new Pacer({ rules: new HostRules(parseHostRules(rules)), store: createSharedStore() });
    pacers.push(pacer);
    return pacer;
  };
  expect(pacerWith('slow.test=100/h').pass('slow.test', signal, true)).toBeUndefined();
  const other = pacerWith('slow.test=100/h').pass('slow.test', signal, false);
  const quick = pacerWith('slow.test=5/s').pass('slow.test', signal, true);
  expect([other, quick]).toEqual([expect.any(Promise), expect.any(Promise)]);
  for (const turn of [other, quick]) turn?.catch(() => undefined); // nobody comes: the test ends first
});
