import { EndpointWaker } from '../../src/temporal/endpoint-waker';
import { createLogger } from '../../src/telemetry/logger';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function openWaker() {
  const woken: string[] = [];
  const waker = new EndpointWaker({
    wakeEndpoint: async (id) => void woken.push(id),
    findNeglected: async () => [],
    logger: createLogger('silent'),
  });
  return { waker, woken };
}

test('a receiver is woken at once, and what follows within 5 s is one more signal', async () => {
  const { waker, woken } = openWaker();
  waker.wake(['a', 'b']);
  for (let time = 0; time < 40; time += 1) {
    waker.wake(['a']);
    jest.advanceTimersByTime(100);
  }
  expect(woken).toEqual(['a', 'b']);
  jest.advanceTimersByTime(1_000);
  expect(woken).toEqual(['a', 'b', 'a']);
  await waker.stop();
});

test('while its calls are made in this process, a receiver is told here and its workflow is left alone', async () => {
  const { waker, woken } = openWaker();
  let news = 0;
  const stopListening = waker.listen('a', () => (news += 1));
  waker.wake(['a']);
  waker.wake(['a', 'b']);
  expect({ news, woken }).toEqual({ news: 2, woken: ['b'] });
  stopListening();
  waker.wake(['a']);
  expect({ news, woken }).toEqual({ news: 2, woken: ['b', 'a'] });
  await waker.stop();
});
