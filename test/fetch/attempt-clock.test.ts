import { getEventListeners } from 'node:events';
import { AttemptTimeoutError, startAttemptClock } from '../../src/fetch/attempt-clock';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('ends an attempt after its time', () => {
  const clock = startAttemptClock(1_000, new AbortController().signal);
  jest.advanceTimersByTime(999);
  expect(clock.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(clock.signal.reason).toBeInstanceOf(AttemptTimeoutError);
  clock.stop();
});

test('does not count the time of a pause', async () => {
  const clock = startAttemptClock(1_000, new AbortController().signal);
  jest.advanceTimersByTime(600);
  let goOn = (): void => undefined;
  const pause = clock.paused(() => new Promise<void>((resolve) => (goOn = resolve)));
  jest.advanceTimersByTime(60_000);
  goOn();
  await pause;
  jest.advanceTimersByTime(399);
  expect(clock.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(clock.signal.reason).toBeInstanceOf(AttemptTimeoutError);
  clock.stop();
});

test("hands on the caller's reason, also while it is paused, and leaves no timer", async () => {
  const controller = new AbortController();
  const clock = startAttemptClock(1_000, controller.signal);
  const pause = clock.paused(
    () =>
      new Promise((_resolve, reject) =>
        clock.signal.addEventListener('abort', () => reject(clock.signal.reason as Error)),
      ),
  );
  controller.abort(new Error('cancelled'));
  await expect(pause).rejects.toThrow('cancelled');
  clock.stop();
  expect(jest.getTimerCount()).toBe(0);
});

test('any number of clocks listen once to a signal, and each is interrupted once', () => {
  const controller = new AbortController();
  const clocks = Array.from({ length: 50 }, () => startAttemptClock(1_000, controller.signal));
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  const interrupted = clocks.map((clock) => (clock.onInterrupt = jest.fn()));
  clocks[0]?.stop();
  controller.abort('over');
  controller.abort('again');
  expect(interrupted.map(({ mock }) => mock.calls)).toEqual(clocks.map((_, index) => (index === 0 ? [] : [['over']])));
  expect(() => clocks[1]?.throwIfOver()).toThrow('over');
  expect(startAttemptClock(1_000, controller.signal).signal.reason).toBe('over');
  expect(jest.getTimerCount()).toBe(0);
});
