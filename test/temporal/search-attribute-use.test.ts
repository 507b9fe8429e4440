import { SearchAttributeUse } from '../../src/temporal/search-attribute-use';
import { collectLogs } from '../support/collect-logs';

const MINUTE_MS = 60_000;
const UNANSWERED_MS = 5_000;

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick'] }));
afterEach(() => void jest.useRealTimers());

test('the server is asked before the first start, and once a minute until it knows them, sooner where it has not answered; the log says so once', async () => {
  const { logger, entries } = collectLogs();
  const answers: (boolean | Error)[] = [false, new Error('away'), false, true];
  let asked = 0;
  const use = new SearchAttributeUse({
    logger,
    areKnown: async () => {
      const answer = answers[asked++] ?? true;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  expect(await Promise.all([use.areKnown(), use.areKnown()])).toEqual([false, false]);
  expect(await use.areKnown()).toBe(false);
  expect(asked).toBe(1);
  for (const [waitMs, times] of [
    [MINUTE_MS, 2],
    [UNANSWERED_MS, 3],
  ] as const) {
    jest.advanceTimersByTime(waitMs - 1);
    await use.areKnown();
    expect(asked).toBe(times - 1);
    jest.advanceTimersByTime(1);
    // It is not waited for.
    expect(await Promise.all([use.areKnown(), use.areKnown()])).toEqual([false, false]);
    expect(asked).toBe(times);
    await jest.advanceTimersByTimeAsync(0);
  }
  const warned = () => entries.filter(({ level }) => Number(level) >= 40);
  expect(warned()).toHaveLength(1);
  expect(warned()[0]).toMatchObject({ msg: expect.stringContaining('"everfetch temporal setup"') });

  jest.advanceTimersByTime(MINUTE_MS);
  await use.areKnown();
  await jest.advanceTimersByTimeAsync(1);
  expect(await use.areKnown()).toBe(true);
  use.noteRefusal();
  expect(await use.areKnown()).toBe(false);
  expect(warned()).toHaveLength(2);
  jest.advanceTimersByTime(MINUTE_MS);
  await use.areKnown();
  await jest.advanceTimersByTimeAsync(1);
  expect(await use.areKnown()).toBe(true);
  expect(asked).toBe(5);
});
