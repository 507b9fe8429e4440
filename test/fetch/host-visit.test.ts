import { startAttemptClock } from '../../src/fetch/attempt-clock';
import { HostVisit } from '../../src/fetch/host-visit';
import { HostLimiter } from '../../src/scheduling/host-limiter';

const clock = startAttemptClock(60_000, new AbortController().signal);
afterAll(() => clock.stop());

/** A visit that begins at a.test, and what it asked the pacer for. */
function visitOf({ refusal }: { readonly refusal?: Error } = {}) {
  const passed: string[] = [];
  const limiter = new HostLimiter(1);
  const pass = (host: string, _signal: AbortSignal, isSameVisit: boolean): Promise<void> => {
    passed.push(isSameVisit ? `${host} again` : host);
    return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
  };
  return { visit: new HostVisit('a.test', { limiter, pass }), limiter, passed };
}

test('the first request uses the turn that the pool waited for, and the ones behind it wait for theirs', async () => {
  const { visit, passed } = visitOf();
  (await visit.enter('a.test', clock))();
  expect(passed).toEqual([]);
  (await visit.enter('b.test', clock))();
  expect(visit.host).toBe('b.test');
  (await visit.enter('a.test', clock))();
  expect(passed).toEqual(['b.test', 'a.test again']);
});

test('an attempt that had to wait for something else waits for its turn once more', async () => {
  const { visit, passed } = visitOf();
  visit.loseTurn();
  await visit.takeTurn(clock);
  expect(passed).toEqual(['a.test again']);
});

test('waiting for room at the host costs the turn', async () => {
  const { visit, limiter, passed } = visitOf();
  const leave = limiter.tryAcquire('a.test');
  const entered = visit.enter('a.test', clock);
  leave?.();
  (await entered)();
  expect(passed).toEqual(['a.test again']);
});

test('a turn that is refused keeps no room at the host', async () => {
  const refusal = new Error('not now');
  const { visit, limiter } = visitOf({ refusal });
  visit.loseTurn();
  await expect(visit.enter('a.test', clock)).rejects.toBe(refusal);
  expect(limiter.busyHosts).toBe(0);
});
