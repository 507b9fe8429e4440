import { JobEndWatch } from '../../src/store/job-end-watch';
import { waitFor } from '../support/wait-for';

/** A watch over jobs that end when the test says so, and the questions that it asked. */
function watchOf(options: { readonly maxWaiting?: number } = {}) {
  const running = new Set<string>();
  const asked: string[][] = [];
  let isAway = false;
  const watch = new JobEndWatch({
    ...options,
    everyMs: 5,
    findRunning: async (ids) => {
      asked.push([...ids]);
      if (isAway) throw new Error('the database is away');
      return new Set(ids.filter((id) => running.has(id)));
    },
  });
  const wait = (id: string, signal = new AbortController().signal) => watch.takePlace()?.ended(id, signal);
  return { running, asked, watch, wait, setAway: (value: boolean) => (isAway = value) };
}

test('many who wait share a question, each hears of the end of its own job, and nobody asks when nobody waits', async () => {
  const { running, asked, wait } = watchOf();
  for (const id of ['a', 'b', 'c']) running.add(id);
  const ended: string[] = [];
  const waits = ['a', 'a', 'b', 'c'].map(async (id) => {
    expect(await wait(id)).toBe(true);
    ended.push(id);
  });
  await waitFor(() => asked.some((ids) => ids.length === 3));
  running.delete('a');
  await waitFor(() => ended.length === 2);
  expect(ended).toEqual(['a', 'a']);
  running.clear();
  await Promise.all(waits);
  const before = asked.length;
  running.add('d');
  const last = wait('d');
  await waitFor(() => asked.length > before);
  expect(asked.slice(before).every((ids) => ids.join() === 'd')).toBe(true);
  running.clear();
  expect(await last).toBe(true);
});

test('who leaves is not waited for, and a database that is away ends nothing', async () => {
  const { running, asked, wait, setAway } = watchOf();
  running.add('a');
  setAway(true);
  const left = new AbortController();
  const first = wait('a', left.signal);
  await waitFor(() => asked.length > 1);
  left.abort();
  expect(await first).toBe(false);
  expect(await wait('a', left.signal)).toBe(false);
  const second = wait('a');
  setAway(false);
  running.clear();
  expect(await second).toBe(true);
});

test('no more wait than may, and a place that is given back is free once', () => {
  const { watch } = watchOf({ maxWaiting: 2 });
  const [one, two] = [watch.takePlace(), watch.takePlace()];
  expect([one, two]).not.toContain(undefined);
  expect(watch.takePlace()).toBeUndefined();
  one?.giveBack();
  one?.giveBack();
  expect(watch.takePlace()).toBeDefined();
  expect(watch.takePlace()).toBeUndefined();
});
