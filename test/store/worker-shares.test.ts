import { randomUUID } from 'node:crypto';
import { createShareStore } from '../../src/store/worker-shares';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.database.query('truncate worker_shares cascade'));

interface Share {
  readonly dividesBy: number;
  readonly over?: readonly string[];
  readonly mayGrow?: boolean;
}

const newWorker = () => {
  const id = randomUUID();
  const store = createShareStore(db.database, { id, process: `process of ${id}` });
  const report = ({ dividesBy, over = [], mayGrow = false }: Share, gone: Parameters<typeof store.report>[1] = []) =>
    store.report({ dividesBy, over, mayGrow }, gone);
  const lease = async (resource: string, limit: number, more: number, held = 0) =>
    (await store.lease([{ resource, limit, more, held }]))[0];
  return { ...store, id, report, lease };
};
/** As many workers as are asked for, all let in. */
const newWorkers = async (count: number) => {
  const workers = Array.from({ length: count }, newWorker);
  for (const worker of workers) await worker.report({ dividesBy: 0 });
  for (const [index, worker] of workers.entries()) await worker.report({ dividesBy: index === 0 ? count : 0 });
  return workers;
};
const sharesOf = async (id: string) =>
  (await db.database.query<{ by: number }>('select divides_by as by from worker_shares where id = $1', [id]))[0]?.by;

test('the first worker is let in at once, a second one when the first keeps to a smaller part', async () => {
  const [a, b] = [newWorker(), newWorker()];
  expect(await a.report({ dividesBy: 0 })).toMatchObject({ workers: 1, dividesBy: 1 });
  expect(await b.report({ dividesBy: 0 })).toMatchObject({ workers: 2, dividesBy: 0 });
  expect(await a.confirm({ dividesBy: 1, over: [] })).toMatchObject({ workers: 2, dividesBy: 1 });
  expect(await b.report({ dividesBy: 0 })).toMatchObject({ dividesBy: 0 });
  expect(await a.confirm({ dividesBy: 2, over: ['a.test'] })).toMatchObject({ workers: 2, dividesBy: 2 });
  const letIn = await b.report({ dividesBy: 0 });
  expect(letIn).toMatchObject({ dividesBy: 2, closed: new Set(['a.test']) });
  expect(letIn.others).toMatchObject([{ id: a.id, dividesBy: 2, over: ['a.test'] }]);
});

test('workers that come at the same time are let in by one count', async () => {
  const workers = Array.from({ length: 6 }, newWorker);
  const first = await Promise.all(workers.map((worker) => worker.report({ dividesBy: 0 })));
  expect(first.filter(({ dividesBy }) => dividesBy === 1)).toHaveLength(1);
  expect(first.filter(({ dividesBy }) => dividesBy > 1)).toEqual([]);
});

test('a worker that is not known, or has not been let in, cannot confirm a share, nor get one by claiming it', async () => {
  const [a] = await newWorkers(1);
  const b = newWorker();
  expect(await b.confirm({ dividesBy: 2, over: [] })).toBeUndefined();
  expect(await b.report({ dividesBy: 2 })).toMatchObject({ dividesBy: 0 });
  expect(await b.confirm({ dividesBy: 2, over: [] })).toBeUndefined();
  // Its answer was lost, so that it claims its old share again.
  expect(await b.report({ dividesBy: 2 })).toMatchObject({ dividesBy: 0 });
  expect(await sharesOf(a?.id ?? '')).toBe(1);
});

test('one that is taken for gone is forgotten with its leases, unless it has reported since', async () => {
  const [a, b] = await newWorkers(2);
  if (a === undefined || b === undefined) throw new Error('no workers');
  expect(await b.lease('a.test', 2, 1)).toBe(0); // each has one without asking
  expect(await b.lease('b.test', 16, 8)).toBe(8);
  const [seen] = (await a.report({ dividesBy: 2 })).others;
  if (seen === undefined) throw new Error('nobody was seen');
  await b.confirm({ dividesBy: 2, over: [] });
  expect((await a.report({ dividesBy: 2 }, [seen])).workers).toBe(2);
  const [seenAgain] = (await a.report({ dividesBy: 2 })).others;
  const alone = await a.report({ dividesBy: 2, mayGrow: true }, [seenAgain ?? seen]);
  expect(alone).toMatchObject({ workers: 1, dividesBy: 1 });
  expect(await db.database.query('select * from share_leases')).toEqual([]);
  expect(await b.lease('b.test', 16, 2, 8)).toBe(0);
  expect(await b.confirm({ dividesBy: 2, over: [] })).toBeUndefined();
});

test('nobody is forgotten by the clock of PostgreSQL alone', async () => {
  const [a, b] = await newWorkers(2);
  await db.database.query(`update worker_shares set seen_at = seen_at - interval '1 day'`);
  expect(await a?.report({ dividesBy: 2 })).toMatchObject({ workers: 2, dividesBy: 2 });
  expect(await b?.confirm({ dividesBy: 2, over: [] })).toMatchObject({ workers: 2, dividesBy: 2 });
});

test.each([1, 2, 3, 5, 16])(
  'parts and leases are never more than a limit of %d, whoever asks at the same time',
  async (limit) => {
    const workers = await newWorkers(4);
    const parts = limit < 4 ? 0 : Math.max(1, Math.floor(limit / 8)) * 4;
    const held = workers.map(() => 0);
    for (let round = 0; round < 4; round++) {
      const got = await Promise.all(
        workers.map((worker, index) => worker.lease('a.test', limit, 1 + ((index + round) % 3), held[index])),
      );
      got.forEach((more, index) => (held[index] = (held[index] ?? 0) + (more ?? 0)));
    }
    expect(held.reduce((sum, slots) => sum + slots, parts)).toBe(limit);
  },
);

test('who has waited longest gets what is given back', async () => {
  const [a, b, c] = await newWorkers(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('no workers');
  expect(await a.lease('a.test', 2, 5)).toBe(2);
  expect(await b.lease('a.test', 2, 5)).toBe(0);
  expect(await c.lease('a.test', 2, 5)).toBe(0);
  expect([...((await a.confirm({ dividesBy: 3, over: [] }))?.wanted ?? [])]).toEqual(['a.test']);
  await a.giveBack(['a.test']);
  expect(await a.lease('a.test', 2, 5)).toBe(0);
  expect(await c.lease('a.test', 2, 1)).toBe(1);
  expect(await b.lease('a.test', 2, 2)).toBe(1);
});

test('a worker gets nothing of a host at which another one has more in flight than its part', async () => {
  const [a, b] = await newWorkers(2);
  await a?.confirm({ dividesBy: 2, over: ['a.test'] });
  expect(await b?.lease('a.test', 16, 1)).toBe(0);
  expect(await a?.lease('a.test', 16, 1)).toBe(1);
  await a?.confirm({ dividesBy: 2, over: [] });
  expect(await b?.lease('a.test', 16, 1)).toBe(1);
});

test('of two that know different limits of a key, the smaller one counts', async () => {
  const [a, b] = await newWorkers(2);
  expect(await a?.lease('key k', 10, 4)).toBe(4);
  await b?.lease('key k', 4, 1);
  await b?.lease('key l', 4, 1);
  expect(await a?.confirm({ dividesBy: 2, over: [] })).toMatchObject({ overfull: new Set() });
  await db.database.query(`update share_leases set slots = 1, most = 4 where resource = 'key k' and slots = 0`);
  expect(await a?.confirm({ dividesBy: 2, over: [] })).toMatchObject({ overfull: new Set(['key k']) });
});

test('a worker that is stopped while it has the lock holds the others up for seconds only', async () => {
  const [a] = await newWorkers(1);
  let go: () => void = () => undefined;
  const stopped = db.database.transaction(() => new Promise<void>((resolve) => (go = resolve)), {
    lock: 0x65766673,
    idleMs: 500,
  });
  stopped.catch(() => undefined);
  await waitFor(async () => (await db.database.query(`select 1 from pg_locks where locktype = 'advisory'`)).length > 0);
  expect(await a?.report({ dividesBy: 1 })).toMatchObject({ dividesBy: 1 });
  go();
  await expect(stopped).rejects.toMatchObject({ name: 'StoreUnavailableError' });
});
