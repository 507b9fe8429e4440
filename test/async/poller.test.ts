import { Poller } from '../../src/async/poller';
import { waitFor } from '../support/wait-for';

const SOON_MS = 2;
/** Longer than any test: what runs then has been woken. */
const NEVER_MS = 3_600_000;

/** Counts rounds, and lets each of them end only when it is told to. */
function heldRounds() {
  const held: (() => void)[] = [];
  let begun = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  return {
    run: async () => {
      begun += 1;
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      await new Promise<void>((resolve) => held.push(resolve));
      atOnce -= 1;
    },
    endOne: () => held.shift()?.(),
    get begun() {
      return begun;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
  };
}

const onError = (error: unknown) => {
  throw error;
};
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

let poller: Poller | undefined;
afterEach(() => void poller?.stop());

test('runs a round every so often, the first one after the interval', async () => {
  let rounds = 0;
  poller = new Poller({ run: async () => (rounds += 1), everyMs: SOON_MS, onError });
  poller.start();
  expect(rounds).toBe(0);
  await waitFor(() => rounds >= 3);
});

test('runs the first round at once where it is told to', () => {
  let rounds = 0;
  poller = new Poller({ run: async () => (rounds += 1), everyMs: NEVER_MS, onError, startsAtOnce: true });
  poller.start();
  expect(rounds).toBe(1);
});

test('never runs two rounds at the same time', async () => {
  const rounds = heldRounds();
  poller = new Poller({ run: rounds.run, everyMs: SOON_MS, onError });
  poller.start();
  await waitFor(() => rounds.begun === 1);
  let intervals = 0;
  const counter = setInterval(() => (intervals += 1), SOON_MS);
  await waitFor(() => intervals >= 5);
  clearInterval(counter);
  expect(rounds.begun).toBe(1);
  rounds.endOne();
  await waitFor(() => rounds.begun === 2);
  expect(rounds.mostAtOnce).toBe(1);
  const stopped = poller.stop();
  rounds.endOne();
  await stopped;
});

test('a wake-up runs a round now', async () => {
  const rounds = heldRounds();
  poller = new Poller({ run: rounds.run, everyMs: NEVER_MS, onError });
  poller.start();
  poller.wake();
  expect(rounds.begun).toBe(1);
  rounds.endOne();
});

test('wake-ups during a round make one more right behind it', async () => {
  const rounds = heldRounds();
  poller = new Poller({ run: rounds.run, everyMs: NEVER_MS, onError });
  poller.start();
  poller.wake();
  poller.wake();
  poller.wake();
  rounds.endOne();
  await waitFor(() => rounds.begun === 2);
  rounds.endOne();
  await nextTurn();
  expect([rounds.begun, rounds.mostAtOnce]).toEqual([2, 1]);
});

test('a wake-up in the very moment in which a round ends is not lost', async () => {
  let rounds = 0;
  const ended = Promise.resolve();
  poller = new Poller({ run: () => ((rounds += 1), ended), everyMs: NEVER_MS, onError });
  poller.start();
  for (let microtasks = 0; microtasks < 8; microtasks++) {
    const before = rounds;
    poller.wake();
    for (let waited = 0; waited < microtasks; waited++) await ended;
    poller.wake();
    await nextTurn();
    expect(rounds).toBe(before + 2);
  }
});

test('is not woken before it is started, nor after it has stopped', async () => {
  let rounds = 0;
  poller = new Poller({ run: async () => (rounds += 1), everyMs: NEVER_MS, onError });
  poller.wake();
  poller.start();
  await poller.stop();
  poller.wake();
  expect(rounds).toBe(0);
});

test('a stop waits for the running round, and for no other', async () => {
  const rounds = heldRounds();
  poller = new Poller({ run: rounds.run, everyMs: NEVER_MS, onError });
  poller.start();
  poller.wake();
  poller.wake();
  let isStopped = false;
  const stopped = poller.stop().then(() => (isStopped = true));
  await nextTurn();
  expect(isStopped).toBe(false);
  rounds.endOne();
  await stopped;
  await nextTurn();
  expect(rounds.begun).toBe(1);
});

test('may be started again, even while the last round before the stop is running', async () => {
  const rounds = heldRounds();
  poller = new Poller({ run: rounds.run, everyMs: NEVER_MS, onError });
  poller.start();
  poller.wake();
  const stopped = poller.stop();
  poller.start();
  poller.wake();
  expect(rounds.begun).toBe(1);
  rounds.endOne();
  await stopped;
  await waitFor(() => rounds.begun === 2);
  expect(rounds.mostAtOnce).toBe(1);
  rounds.endOne();
});

test.each([
  ['rejects', () => Promise.reject(new Error('away'))],
  [
    'throws',
    () => {
      throw new Error('away');
    },
  ],
])('a round that %s is told of, and the next one comes all the same', async (_how, run) => {
  const errors: unknown[] = [];
  poller = new Poller({ run, everyMs: SOON_MS, onError: (error) => errors.push(error) });
  poller.start();
  await waitFor(() => errors.length >= 2);
  await poller.stop();
  expect(errors[0]).toEqual(new Error('away'));
});
