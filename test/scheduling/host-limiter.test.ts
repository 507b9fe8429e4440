import { HostLimiter } from '../../src/scheduling/host-limiter';

const { signal } = new AbortController();

test('serves those that wait in the order in which they came', async () => {
  const limiter = new HostLimiter(1);
  const order: number[] = [];
  const leave = await limiter.acquire('a', signal);
  const waiting = [1, 2, 3].map(async (each) => {
    const leaveToo = await limiter.acquire('a', signal);
    order.push(each);
    leaveToo();
  });
  leave();
  leave(); // harmless
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
  expect(limiter.busyHosts).toBe(0);
});

test('hosts do not wait for each other', async () => {
  const limiter = new HostLimiter(1);
  const leaves = await Promise.all(['a', 'b', 'c'].map((host) => limiter.acquire(host, signal)));
  expect(limiter.busyHosts).toBe(3);
  leaves.forEach((leave) => leave());
  expect(limiter.busyHosts).toBe(0);
});

test('who gives up takes no slot and leaves no trace', async () => {
  const limiter = new HostLimiter(1);
  const leave = await limiter.acquire('a', signal);
  const controller = new AbortController();
  const impatient = limiter.acquire('a', controller.signal);
  const patient = limiter.acquire('a', signal);
  controller.abort('enough');
  await expect(impatient).rejects.toBe('enough');
  leave();
  (await patient)();
  expect(limiter.busyHosts).toBe(0);
  await expect(limiter.acquire('a', controller.signal)).rejects.toBe('enough');
  expect(limiter.busyHosts).toBe(0);
});
