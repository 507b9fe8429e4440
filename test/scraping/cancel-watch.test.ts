import { batchMemberId, CHUNK_URLS, createBatchId, createJobId } from '../../src/jobs/job-id';
import { CancelWatch } from '../../src/scraping/cancel-watch';

const batchId = createBatchId();
const other = createBatchId();

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

/** A watch whose query finds the ids in `cancelled`. */
function startWatch() {
  const cancelled: string[] = [];
  const findCancelled = jest.fn(async (_batchIds: readonly string[], _withinMs: number) => [...cancelled]);
  return { watch: new CancelWatch({ findCancelled }), cancelled, findCancelled };
}

const look = () => jest.advanceTimersByTimeAsync(1_000);

test('tells each sweep its own cancelled URLs, by their place in the chunk', async () => {
  const { watch, cancelled, findCancelled } = startWatch();
  const first: number[] = [];
  const second: number[] = [];
  const ofOther: number[] = [];
  watch.watch(batchId, 0, (place) => first.push(place));
  watch.watch(batchId, 1, (place) => second.push(place));
  watch.watch(other, 0, (place) => ofOther.push(place));
  cancelled.push(batchMemberId(batchId, 3), batchMemberId(batchId, CHUNK_URLS + 4), batchMemberId(other, 5));
  await look();
  expect([first, second, ofOther]).toEqual([[3], [4], [5]]);
  expect(findCancelled).toHaveBeenCalledTimes(1); // one query serves all of them
  expect(findCancelled.mock.calls[0]?.[0]).toEqual([batchId, other]);
});

test('passes over ids that nobody watches', async () => {
  const { watch, cancelled } = startWatch();
  const places: number[] = [];
  watch.watch(batchId, 0, (place) => places.push(place));
  cancelled.push(createJobId(), batchMemberId(other, 1), batchMemberId(batchId, CHUNK_URLS), batchMemberId(batchId, 2));
  await look();
  expect(places).toEqual([2]);
});

test('looks no more once the last watch has ended, and again with the next one', async () => {
  const { watch, findCancelled } = startWatch();
  const endFirst = watch.watch(batchId, 0, () => undefined);
  const endSecond = watch.watch(batchId, 1, () => undefined);
  endFirst();
  await look();
  expect(findCancelled).toHaveBeenCalledTimes(1);
  endSecond();
  endSecond(); // ending it again changes nothing
  expect(jest.getTimerCount()).toBe(0);
  watch.watch(batchId, 0, () => undefined);
  await look();
  expect(findCancelled).toHaveBeenCalledTimes(2);
});

test('a watch that another sweep of the chunk has taken over is ended by that one only', async () => {
  const { watch, cancelled } = startWatch();
  const places: number[] = [];
  const endOld = watch.watch(batchId, 0, () => undefined);
  watch.watch(batchId, 0, (place) => places.push(place));
  endOld();
  cancelled.push(batchMemberId(batchId, 7));
  await look();
  expect(places).toEqual([7]);
});

test('goes on after a look that failed', async () => {
  const { watch, cancelled, findCancelled } = startWatch();
  const places: number[] = [];
  watch.watch(batchId, 0, (place) => places.push(place));
  cancelled.push(batchMemberId(batchId, 1));
  findCancelled.mockRejectedValueOnce(new Error('PostgreSQL is away'));
  await look();
  expect(places).toEqual([]);
  await look();
  expect(places).toEqual([1]);
});

test('does not look again while a look is under way', async () => {
  const { watch, findCancelled } = startWatch();
  watch.watch(batchId, 0, () => undefined);
  let answer: ((ids: string[]) => void) | undefined;
  findCancelled.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  await look();
  await look();
  expect(findCancelled).toHaveBeenCalledTimes(1);
  answer?.([]);
  await look();
  expect(findCancelled).toHaveBeenCalledTimes(2);
});
