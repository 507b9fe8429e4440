import { FetchPool, PoolStoppedError } from '../../src/scheduling/fetch-pool';
import { OwnerLimits } from '../../src/scheduling/owner-limits';
import type { HostDelay, HostGate, HostListener } from '../../src/scheduling/pacing/host-gate';

const never = new AbortController().signal;
const key = (apiKeyId: string, maxConcurrency?: number) => ({ apiKeyId, maxConcurrency });

/** Records of lanes of names: those started, in order, functions that give their slots back, and those set aside. */
function starts() {
  const order: string[] = [];
  const aside: [name: string, waitMs: number][] = [];
  const releases = new Map<string, () => void>();
  const note = {
    patienceMs: 15_000,
    start: (name: string, release: () => void) => {
      order.push(name);
      releases.set(name, release);
    },
    setAside: (name: string, waitMs: number) => aside.push([name, waitMs]),
  };
  const end = (name: string) => releases.get(name)?.();
  return { order, aside, note, end };
}

/** Hosts that may be asked as often as there are permits; a host that none were named for may always. */
class FakeGate implements HostGate {
  readonly asked: string[] = [];
  readonly permits = new Map<string, number>();
  readonly delays = new Map<string, HostDelay>();
  listener: HostListener | undefined;

  mayStart(host: string, inFlight: number, usual: number): boolean {
    this.asked.push(host);
    return this.permits.get(host) !== 0 && inFlight < usual;
  }

  start(host: string): void {
    const left = this.permits.get(host);
    if (left !== undefined) this.permits.set(host, left - 1);
  }

  delayOf(host: string): HostDelay | undefined {
    return this.delays.get(host);
  }

  listen(listener: HostListener): void {
    this.listener = listener;
  }

  open(host: string, permits: number): void {
    this.permits.set(host, permits);
    this.listener?.onOpen(host);
  }
}

describe('a fetch that hangs', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('leaves its slot to another host after five seconds, but not its place at its own host or of its key', () => {
    const pool = new FetchPool({ capacity: 2, perHost: 1 });
    const { order, note, end } = starts();
    const lane = pool.openLane(key('k', 3), 'batch', note);
    for (const [host, name] of [
      ['dead.test', 'dead'],
      ['silent.test', 'silent'],
      ['dead.test', 'dead again'],
      ['a.test', 'a'],
      ['b.test', 'b'],
    ] as const)
      lane.add(host, name);
    pool.discountSlow();
    expect(order).toEqual(['dead', 'silent']);
    jest.advanceTimersByTime(5_000);
    pool.discountSlow();
    expect(order).toEqual(['dead', 'silent', 'a']);
    expect(pool.active).toBe(3);
    end('dead');
    expect(order).toEqual(['dead', 'silent', 'a', 'b']);
    end('silent'); // whose slot somebody else has had since
    expect(order.at(-1)).toBe('b');
    end('a');
    expect(order.at(-1)).toBe('dead again');
  });
});

test('holds no more fetches than there are slots, and gives each freed one to the next', () => {
  const pool = new FetchPool({ capacity: 2, perHost: 9 });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (const name of ['a', 'b', 'c']) lane.add(`${name}.test`, name);
  expect(order).toEqual(['a', 'b']);
  end('a');
  end('a'); // a second release gives nothing
  expect(order).toEqual(['a', 'b', 'c']);
  expect(pool.active).toBe(2);
});

test('a host that is full is judged again when one of its fetches has ended, not with every fetch that ends elsewhere', () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 8, perHost: 1, gate });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (const name of ['full', 'full again']) lane.add('full.test', name);
  for (const name of ['a', 'b', 'c']) lane.add(`${name}.test`, name);
  expect(order).toEqual(['full', 'a', 'b', 'c']);
  const asked = gate.asked.length;
  for (const name of ['a', 'b', 'c']) end(name);
  expect(gate.asked).toHaveLength(asked);
  end('full');
  expect(order.at(-1)).toBe('full again');
});

test('a busy host holds up neither the other hosts of its sweep nor other sweeps', () => {
  const pool = new FetchPool({ capacity: 8, perHost: 1 });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (const name of ['slow1', 'slow2', 'slow3']) lane.add('slow.test', name);
  lane.add('quick.test', 'quick');
  pool.openLane(key('k'), 'other', note).add('slow.test', 'other');
  expect(order).toEqual(['slow1', 'quick']);
  end('slow1');
  expect(order.slice(2)).toHaveLength(1);
});

test('keys take turns, then the batches of a key; within a batch the oldest sweep goes first', () => {
  const pool = new FetchPool({ capacity: 1, perHost: 99 });
  const { order, note, end } = starts();
  pool.openLane(key('x'), 'b0', note).add('h', 'first');
  const lanes = {
    a1: pool.openLane(key('a'), 'b1', note),
    a1later: pool.openLane(key('a'), 'b1', note),
    a2: pool.openLane(key('a'), 'b2', note),
    b1: pool.openLane(key('b'), 'b3', note),
  };
  for (let round = 0; round < 4; round++)
    for (const [name, lane] of Object.entries(lanes)) lane.add('h', `${name}.${round}`);
  for (let step = 0; step < 17; step++) end(order.at(-1) ?? '');
  const owners = order.slice(1, 9).map((name) => name[0]);
  expect(owners.filter((owner) => owner === 'a')).toHaveLength(4);
  expect(owners.filter((owner) => owner === 'b')).toHaveLength(4);
  const ofA = order.filter((name) => name.startsWith('a')).map((name) => name.split('.')[0]);
  expect(ofA.slice(0, 4).sort()).toEqual(['a1', 'a1', 'a2', 'a2']);
  expect(ofA.indexOf('a1later')).toBeGreaterThan(ofA.lastIndexOf('a1'));
});

test('sweeps leave an eighth of the slots to single jobs, which go first', async () => {
  const pool = new FetchPool({ capacity: 16, perHost: 99 });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (let index = 0; index < 30; index++) lane.add('h', String(index));
  expect(order).toHaveLength(14);
  const singles = await Promise.all([pool.enter(key('k'), 'h', never), pool.enter(key('other'), 'h', never)]);
  expect(pool.active).toBe(16);
  const third = pool.enter(key('k'), 'h', never);
  end('0');
  singles.push(await third);
  expect(order).toHaveLength(14); // the freed slot went to the single job
  singles.forEach((release) => release?.());
  expect(order).toHaveLength(15); // and of its three, sweeps get one back
});

test('a key never has more in flight than it may, and turns single jobs away when as many wait', async () => {
  const pool = new FetchPool({ capacity: 16, perHost: 99 });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k', 2), 'batch', note);
  for (let index = 0; index < 5; index++) lane.add('h', String(index));
  expect(order).toEqual(['0', '1']);
  const enter = async () => pool.enter(key('k', 2), 'h', never);
  const waiting = [enter(), enter()];
  expect(pool.enter(key('k', 2), 'h', never)).toBeUndefined();
  expect(await pool.enter(key('free'), 'h', never)).toEqual(expect.any(Function)); // a slot
  end('0');
  end('1');
  const releases = await Promise.all(waiting);
  expect(order).toEqual(['0', '1']);
  releases.forEach((release) => release?.());
  expect(order).toEqual(['0', '1', '2', '3']);
});

describe('two pools of a worker', () => {
  const bothPools = () => {
    const owners = new OwnerLimits();
    return [1, 2].map(() => new FetchPool({ capacity: 9, perHost: 9, owners })) as [FetchPool, FetchPool];
  };

  test('keep a key to what it may have in flight together, and take turns at it', () => {
    const [plain, rendering] = bothPools();
    const { order, note, end } = starts();
    const lanes = [plain, rendering].map((pool) => pool.openLane(key('k', 2), 'batch', note));
    for (const round of [1, 2, 3]) {
      lanes[0]?.add('a.test', `plain ${round}`);
      lanes[1]?.add('a.test', `rendered ${round}`);
    }
    expect(order).toEqual(['plain 1', 'rendered 1']);
    end('plain 1');
    end('rendered 2');
    expect(order).toEqual(['plain 1', 'rendered 1', 'rendered 2', 'plain 2']);
    end('rendered 1');
    end('plain 2');
    expect(order.slice(4)).toEqual(['plain 3', 'rendered 3']);
    end('plain 3');
    end('rendered 3');
    expect(plain.active + rendering.active).toBe(0);
  });

  test.each(['a sweep', 'a single job'])('keep a batch to its limit per host together (%s)', async (what) => {
    const [plain, rendering] = bothPools();
    const { order, note, end } = starts();
    const owner = { ...key('k'), batch: { id: 'batch', maxPerHost: 1 } };
    const lane = plain.openLane(owner, 'batch', note);
    const leave = what === 'a sweep' ? undefined : await rendering.enter(owner, 'a.test', never);
    if (leave === undefined) rendering.openLane(owner, 'batch', note).add('a.test', 'rendered');
    for (const host of ['a.test', 'b.test']) lane.add(host, `plain ${host}`);
    const before = leave === undefined ? ['rendered'] : [];
    expect(order).toEqual([...before, 'plain b.test']);
    await expect(Promise.resolve(plain.enter(owner, 'a.test', never))).rejects.toMatchObject({ name: 'HostBusyError' });
    if (leave === undefined) end('rendered');
    else leave();
    expect(order).toEqual([...before, 'plain b.test', 'plain a.test']);
  });

  test('a limit stays for as long as a lane of the batch is open in either', () => {
    const [plain, rendering] = bothPools();
    const { order, note } = starts();
    const owner = { ...key('k'), batch: { id: 'batch', maxPerHost: 1 } };
    const lane = plain.openLane(owner, 'batch', note);
    rendering.openLane(owner, 'batch', note).close();
    for (const name of ['first', 'second']) lane.add('a.test', name);
    expect(order).toEqual(['first']);
  });
});

test('who gives up, or is there when the pool stops, takes no slot', async () => {
  const pool = new FetchPool({ capacity: 1, perHost: 1 });
  const release = await pool.enter(key('k'), 'h', never);
  const caller = new AbortController();
  const first = pool.enter(key('k'), 'h', caller.signal);
  const second = pool.enter(key('k'), 'h', never);
  caller.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  pool.stop();
  await expect(second).rejects.toThrow(PoolStoppedError);
  await expect(pool.enter(key('k'), 'h', never)).rejects.toThrow(PoolStoppedError);
  release?.();
  expect([pool.active, pool.busyHosts]).toEqual([0, 0]);
});

test('a closed lane starts nothing any more; what it dropped is told once', () => {
  const pool = new FetchPool({ capacity: 1, perHost: 9 });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (const name of ['a', 'b', 'c']) lane.add('h', name);
  expect(lane.clear()).toBe(2);
  expect(lane.clear()).toBe(0);
  lane.close();
  end('a');
  expect(order).toEqual(['a']);
});

test('what waits for the pace of its host holds no slot and no other host up, and starts when its time has come', () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 2, perHost: 9, gate });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  gate.permits.set('slow.test', 1);
  for (const name of ['slow1', 'slow2', 'slow3']) lane.add('slow.test', name);
  lane.add('quick.test', 'quick');
  expect(order).toEqual(['slow1', 'quick']);
  end('slow1');
  end('quick');
  expect(pool.active).toBe(0);
  gate.open('slow.test', 1);
  expect(order.slice(2)).toEqual(['slow2']);
  gate.open('slow.test', 5);
  expect(order.slice(3)).toEqual(['slow3']);
});

test('hosts whose time has not come are not asked about again until it may have, however many they are', () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 4, perHost: 9, gate });
  const { order, note, end } = starts();
  const lane = pool.openLane(key('k'), 'batch', note);
  for (let index = 0; index < 10_000; index++) {
    gate.permits.set(`${index}.test`, 0);
    lane.add(`${index}.test`, String(index));
  }
  expect(gate.asked).toHaveLength(10_000);
  for (let round = 0; round < 100; round++) {
    lane.add('quick.test', `quick${round}`);
    end(`quick${round}`);
  }
  expect(gate.asked).toHaveLength(10_100);
  gate.open('77.test', 1);
  expect(gate.asked.slice(10_100)).toEqual(['77.test']);
  expect(order.at(-1)).toBe('77');
  expect(lane.clear()).toBe(9_999);
});

test('a host that shuts gives back what waits for it: the jobs that would wait long, and the URLs of sweeps', async () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 4, perHost: 9, gate });
  const { order, aside, note } = starts();
  gate.permits.set('slow.test', 0);
  const lane = pool.openLane(key('k'), 'batch', note);
  lane.add('slow.test', 'a');
  lane.add('slow.test', 'b');
  const job = pool.enter(key('k'), 'slow.test', never);
  gate.listener?.onShut('slow.test', { waitMs: 10_000, reason: 'resting', intervalMs: 0 });
  await expect(job).rejects.toMatchObject({ name: 'HostBusyError', reason: 'resting', waitMs: 10_000 });
  expect(aside).toEqual([]);
  gate.listener?.onShut('slow.test', { waitMs: 60_000, reason: 'resting', intervalMs: 0 });
  expect(aside).toEqual([
    ['a', 60_000],
    ['b', 60_000],
  ]);
  gate.open('slow.test', 9);
  expect(order).toEqual([]);
  gate.delays.set('slow.test', { waitMs: 50_000, reason: 'resting', intervalMs: 0 });
  lane.add('slow.test', 'c');
  expect(aside.slice(2)).toEqual([['c', 50_000]]);
});

test('of the sweeps of a batch over one slow host a single one waits, and other batches have their turns', () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 4, perHost: 9, gate });
  gate.permits.set('slow.test', 0);
  gate.delays.set('slow.test', { waitMs: 0, reason: 'paced', intervalMs: 1_000 });
  const { aside, note } = starts();
  const [first, other] = [1, 2].map(() => pool.openLane(key('k'), 'batch', note));
  for (let index = 0; index < 100; index++) first?.add('slow.test', `first${index}`);
  first?.add('slow.test', 'one more');
  expect(aside).toEqual([]);
  other?.add('slow.test', 'other');
  expect(aside).toEqual([['other', 101_000]]);
  pool.openLane(key('k'), 'another batch', note).add('slow.test', 'of another batch');
  expect(aside).toHaveLength(1);
});

test('jobs of a slow host are sent away when they would wait long, those that come again last', async () => {
  const gate = new FakeGate();
  const pool = new FetchPool({ capacity: 4, perHost: 9, gate });
  gate.permits.set('slow.test', 0);
  gate.delays.set('slow.test', { waitMs: 0, reason: 'paced', intervalMs: 1_000 });
  const enter = (isReturning: boolean) => {
    const entered = Promise.resolve(pool.enter(key('k'), 'slow.test', never, isReturning));
    entered.catch(() => undefined);
    return entered;
  };
  const waiting = [enter(false), enter(false), enter(false)];
  await expect(enter(false)).rejects.toMatchObject({ reason: 'paced', waitMs: 3_000, intervalMs: 1_000 });
  waiting.push(enter(true), enter(true), enter(true));
  await expect(enter(true)).rejects.toMatchObject({ waitMs: 6_000 });
  gate.delays.clear();
  gate.open('slow.test', 9);
  expect(await Promise.all(waiting.slice(0, 4))).toHaveLength(4);
});

test('a crowd before one host leaves room for the jobs of others', async () => {
  const pool = new FetchPool({ capacity: 8, perHost: 2 });
  const outcomes = Array.from({ length: 10 }, () => {
    const entered = Promise.resolve(pool.enter(key('k'), 'slow.test', never));
    return entered.then(
      () => 'in',
      (error: { readonly reason: string }) => error.reason,
    );
  });
  expect(await Promise.all([outcomes[0], outcomes[1], ...outcomes.slice(6)])).toEqual(
    'in in crowded crowded crowded crowded'.split(' '),
  );
  expect(await pool.enter(key('k'), 'quick.test', never)).toEqual(expect.any(Function)); // a slot
});
