import { FetchPool, PoolStoppedError } from '../../src/fetch/fetch-pool';

const never = new AbortController().signal;
const key = (apiKeyId: string, maxConcurrency?: number) => ({ apiKeyId, maxConcurrency });

/** For lanes of names: which were started, in order, and what gives their slot back. */
function starts() {
  const order: string[] = [];
  const releases = new Map<string, () => void>();
  const note = (name: string, release: () => void) => {
    order.push(name);
    releases.set(name, release);
  };
  const end = (name: string) => releases.get(name)?.();
  return { order, note, end };
}

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
  expect(await pool.enter(key('free'), 'h', never)).toBeDefined();
  end('0');
  end('1');
  const releases = await Promise.all(waiting);
  expect(order).toEqual(['0', '1']);
  releases.forEach((release) => release?.());
  expect(order).toEqual(['0', '1', '2', '3']);
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
