import { BatchChanges } from '../../src/api/batch-changes';
import { BatchWatch } from '../../src/api/batch-watch';
import type { StoredBatch } from '../../src/store/batches';
import { waitFor } from '../support/wait-for';

const batch = (finished: number): StoredBatch => ({
  id: 'a',
  apiKeyId: 'k',
  total: 5,
  fanOut: 'sweep',
  ...{ createdAt: new Date(), deadlineAt: new Date(), retryRounds: 0 },
  ...{ running: 0, finished, failed: 0, cancelled: 0, credits: 0 },
});

test('a thousand listeners of a batch share each look, and without listeners there is none', async () => {
  const looks: string[] = [];
  const watch = new BatchWatch({
    findBatch: async (id) => batch(looks.push(id)),
    everyMs: 5,
  });
  const seen = Array.from({ length: 1_000 }, () => [] as number[]);
  const stops = seen.map((states) => watch.listen('a', (state) => states.push(state?.finished ?? -1)));
  await waitFor(() => looks.length >= 3);
  expect(watch.listeners).toBe(1_000);
  for (const stop of [...stops, ...stops]) stop();
  const [first] = seen;
  expect(seen.every((states) => states.length === first?.length)).toBe(true);
  expect(looks.length - (first?.length ?? 0)).toBeLessThanOrEqual(1); // one may have been on its way
  expect(watch.listeners).toBe(0);
  const before = looks.length;
  // A later listener of another batch is served, the first batch is not looked at any more.
  const stop = watch.listen('b', () => undefined);
  await waitFor(() => looks.filter((id) => id === 'b').length >= 3);
  stop();
  expect(looks.slice(before + 1)).not.toContain('a');
});

test('a look that fails is passed over, and a batch that is gone is told', async () => {
  const answers = [() => Promise.reject(new Error('away')), async () => batch(1), async () => undefined];
  const watch = new BatchWatch({ findBatch: () => (answers.shift() ?? (async () => undefined))(), everyMs: 1 });
  const seen: (number | undefined)[] = [];
  const stop = watch.listen('a', (state) => seen.push(state?.finished));
  await waitFor(() => seen.length >= 2);
  stop();
  expect(seen.slice(0, 2)).toEqual([1, undefined]);
});

test('more listeners than there may be are refused and told to come back', () => {
  const watch = new BatchWatch({ findBatch: async () => undefined, maxListeners: 1 });
  const stop = watch.listen('a', () => undefined);
  expect(() => watch.listen('b', () => undefined)).toThrow(
    expect.objectContaining({ code: 'too_many_streams', headers: { 'Retry-After': '5' } }),
  );
  stop();
  watch.listen('b', () => undefined)();
});

test('a reader takes the latest state, hears when nothing happens, and stops listening when its client is gone', async () => {
  let finished = 0;
  const watch = new BatchWatch({ findBatch: async () => batch(finished), everyMs: 1 });
  const client = new AbortController();
  const changes = new BatchChanges(watch, 'a', client.signal);
  finished = 3;
  await waitFor(async () => {
    const change = await changes.next(1_000);
    return change.kind === 'batch' && change.batch.finished === 3;
  });
  const waiting = changes.next(60_000);
  client.abort();
  expect(['batch', 'over']).toContain((await waiting).kind);
  expect(await changes.next(60_000)).toEqual({ kind: 'over' });
  expect(watch.listeners).toBe(0);

  const slow = new BatchWatch({ findBatch: async () => batch(0), everyMs: 60_000 });
  const idle = new BatchChanges(slow, 'a', new AbortController().signal);
  expect(await idle.next(1)).toEqual({ kind: 'idle' });
  idle.stop();
  const gone = new AbortController();
  gone.abort();
  expect(await new BatchChanges(slow, 'a', gone.signal).next(60_000)).toEqual({ kind: 'over' });
  expect(slow.listeners).toBe(0);
});
