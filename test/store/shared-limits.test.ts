import { randomUUID } from 'node:crypto';
import { SharedLimits } from '../../src/scheduling/shares/shared-limits';
import type { SharedLimitsDeps } from '../../src/scheduling/shares/shared-limits';
import { createDatabase } from '../../src/store/database';
import type { Database } from '../../src/store/database';
import { createShareStore } from '../../src/store/worker-shares';
import { createLogger } from '../../src/telemetry/logger';
import { startRelay } from '../support/relay';
import type { Relay } from '../support/relay';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.database.query('truncate worker_shares cascade'));

/** Counts what all workers together have in flight, as the target would. */
class Target {
  readonly limit: number;
  readonly host: string;
  open = 0;
  most = 0;
  /** Fetches by the worker that made them. */
  readonly answered = new Map<string, number>();

  constructor(limit: number) {
    this.limit = limit;
    this.host = `limit-${limit}.test`;
  }
}

/** A worker that fetches as much as it may, for milliseconds each. */
class BusyWorker {
  readonly id = randomUUID();
  readonly shares: SharedLimits;
  readonly #targets: readonly Target[];
  readonly #inFlight = new Map<Target, Set<NodeJS.Timeout>>();
  readonly #timer: NodeJS.Timeout;
  isDead = false;
  isLost = false;
  cuts = 0;

  constructor(database: Database, targets: readonly Target[], hasEnded: SharedLimitsDeps['hasEnded'] = () => false) {
    this.#targets = targets;
    this.shares = new SharedLimits({
      store: createShareStore(database, { id: this.id, process: this.id }),
      hasEnded,
      onWorkers: () => undefined,
      onError: () => undefined,
      onLost: () => {
        this.cuts += 1;
        this.cut();
      },
    });
    for (const target of targets) this.#inFlight.set(target, new Set());
    const entries = () => targets.map((target) => [target.host, this.#inFlight.get(target)?.size ?? 0] as const);
    this.shares.watch({
      inFlight: () => entries().filter(([, count]) => count > 0),
      limitOf: (host) => targets.find((target) => target.host === host)?.limit ?? 0,
    });
    this.#timer = setInterval(() => this.#work(), 3);
  }

  #work(): void {
    for (const target of this.#targets) {
      const mine = this.#inFlight.get(target) ?? new Set();
      const most = this.shares.most(target.host, target.limit);
      while (mine.size < most) {
        target.most = Math.max(target.most, ++target.open);
        const fetching = setTimeout(
          () => {
            mine.delete(fetching);
            target.open -= 1;
            target.answered.set(this.id, (target.answered.get(this.id) ?? 0) + 1);
          },
          5 + Math.random() * 40,
        );
        mine.add(fetching);
      }
      if (most < target.limit) this.shares.want(target.host, target.limit, target.limit);
    }
  }

  cut(): void {
    for (const [target, mine] of this.#inFlight) {
      for (const fetching of mine) clearTimeout(fetching);
      target.open -= mine.size;
      mine.clear();
    }
  }

  /** It finishes nothing and reports nothing any more, as after kill -9. */
  async die(): Promise<void> {
    this.isDead = true;
    clearInterval(this.#timer);
    this.cut();
    const { rows } = { rows: await db.database.query<object>('select * from worker_shares where id = $1', [this.id]) };
    const leases = await db.database.query<object>('select * from share_leases where worker = $1', [this.id]);
    await this.shares.stop();
    // What a killed process leaves behind stays there.
    await restore('worker_shares', rows);
    await restore('share_leases', leases);
  }

  async stop(): Promise<void> {
    if (this.isDead) return;
    clearInterval(this.#timer);
    this.cut();
    await this.shares.stop();
  }
}

const restore = async (table: string, rows: readonly object[]): Promise<void> => {
  await db.database.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
    JSON.stringify(rows),
  ]);
};

const targetsOf = (...limits: readonly number[]) => limits.map((limit) => new Target(limit));
const expectWithin = (targets: readonly Target[]) =>
  expect(targets.filter(({ most, limit }) => most > limit)).toEqual([]);

test('no target ever sees more than its limit while workers come, die and go, and all get their turn', async () => {
  const targets = targetsOf(1, 2, 3, 5, 16, 64);
  const workers: BusyWorker[] = [];
  const hasEnded = (id: string) => workers.some((worker) => worker.id === id && worker.isDead);
  const come = async () => {
    const worker = new BusyWorker(db.database, targets, hasEnded);
    workers.push(worker);
    await worker.shares.start();
    return worker;
  };
  const hasWorkedOnAll = (worker: BusyWorker) => targets.every(({ answered }) => (answered.get(worker.id) ?? 0) > 3);
  try {
    const first = await come();
    await waitFor(() => hasWorkedOnAll(first), { message: 'the first one works' });
    await Promise.all([come(), come(), come()]);
    await waitFor(() => workers.every(hasWorkedOnAll), { message: 'all four work' });
    await workers[1]?.die();
    const replacement = await come();
    await waitFor(() => hasWorkedOnAll(replacement), { message: 'the replacement works' });
    await workers[0]?.stop();
    const last = await come();
    await waitFor(() => hasWorkedOnAll(last), { message: 'the last one works' });
    expectWithin(targets);
    for (const { limit, most } of targets) expect(most).toBe(limit);
    expect(workers.map(({ cuts }) => cuts)).toEqual(workers.map(() => 0));
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
});

test('a limit that the owner lowers holds as soon as the workers know it, whatever they have leased before', async () => {
  const [one, other] = [new BusyWorker(db.database, []), new BusyWorker(db.database, [])];
  try {
    await one.shares.start();
    await waitFor(() => one.shares.most('key k', 10) === 10);
    await other.shares.start();
    const most = (limit: number) => [one, other].map(({ shares }) => shares.most('key k', limit));
    await waitFor(() => most(10).every((slots) => slots > 0), { message: 'both have a part' });
    await waitFor(() => {
      one.shares.want('key k', 10, 3);
      other.shares.want('key k', 10, 3);
      return most(10).every((slots) => slots > 3);
    });
    const lowered = most(2);
    expect(lowered[0]).toBeLessThanOrEqual(1);
    expect(lowered[1]).toBeLessThanOrEqual(1);
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});

test('a worker starts nothing when its wall clock says that the machine has slept', async () => {
  const worker = new BusyWorker(db.database, []);
  try {
    await worker.shares.start();
    expect(worker.shares.most('a.test', 16)).toBe(16);
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 11_000);
    await new Promise((resolve) => setImmediate(resolve)); // it looks once per turn of the event loop
    expect(worker.shares.most('a.test', 16)).toBe(0);
    clock.mockRestore();
  } finally {
    jest.restoreAllMocks();
    await worker.stop();
  }
});

describe('without PostgreSQL', () => {
  let isAway = false;
  let relay: Relay;
  let database: Database;
  beforeEach(async () => {
    isAway = false;
    const meddle = (bytes: Buffer) => (isAway ? 'cut' : bytes);
    const url = new URL(db.url);
    relay = await startRelay(Number(url.port), { up: meddle, down: meddle });
    url.host = new URL(relay.url).host;
    database = createDatabase(url.href, { logger: createLogger('silent') });
  });
  afterEach(async () => {
    await database.close();
    await relay.close();
  });
  const answersOf = (worker: BusyWorker, targets: readonly Target[]) =>
    targets.map(({ answered }) => answered.get(worker.id) ?? 0);

  test('a worker that cannot reach it cuts what it has before another one takes its place, and comes back', async () => {
    const targets = targetsOf(2, 16);
    const connected = new BusyWorker(db.database, targets);
    const away = new BusyWorker(database, targets);
    try {
      await connected.shares.start();
      await away.shares.start();
      await waitFor(() => answersOf(away, targets).every((count) => count > 3));
      isAway = true;
      await waitFor(() => away.cuts > 0, { message: 'the cut' });
      const rows = () => db.database.query('select 1 from worker_shares');
      await waitFor(async () => (await rows()).length === 1, { message: 'its end for the others' });
      const before = answersOf(away, targets);
      isAway = false;
      await waitFor(() => answersOf(away, targets).every((count, index) => count > (before[index] ?? 0)), {
        message: 'its return',
      });
      expectWithin(targets);
    } finally {
      await Promise.all([connected.stop(), away.stop()]);
    }
  });

  test('when it was away from all, they go on where they were, and nobody is taken for gone', async () => {
    const targets = targetsOf(2, 16);
    const workers = [new BusyWorker(database, targets), new BusyWorker(database, targets)];
    const all = () => workers.flatMap((worker) => answersOf(worker, targets));
    try {
      for (const worker of workers) await worker.shares.start();
      await waitFor(() => all().every((count) => count > 3));
      isAway = true;
      await waitFor(() => workers.every(({ cuts }) => cuts === 1), { message: 'the cut' });
      // For PostgreSQL, both have been silent for longer than a worker may be.
      await db.database.query(`update worker_shares set seen_at = seen_at - interval '30 seconds'`);
      const before = all();
      isAway = false;
      await waitFor(() => all().every((count, index) => count > (before[index] ?? 0)));
      expectWithin(targets);
      expect(workers.map(({ cuts }) => cuts)).toEqual([1, 1]);
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });
});
