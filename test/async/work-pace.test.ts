import { createPace } from '../../src/async/work-pace';

const options = { restFactor: 0, endsAtMs: Infinity, signal: new AbortController().signal, onStep: () => undefined };

test('says yes until the time is over', async () => {
  expect(await createPace(options)()).toBe(true);
  expect(await createPace({ ...options, endsAtMs: Date.now() })()).toBe(false);
});

test('tells of each step', async () => {
  let steps = 0;
  const mayGoOn = createPace({ ...options, onStep: () => (steps += 1) });
  await mayGoOn();
  await mayGoOn();
  expect(steps).toBe(2);
});

test('an abort ends the rest at once and is an error', async () => {
  const stopping = new AbortController();
  const asked = createPace({ ...options, restFactor: Infinity, signal: stopping.signal })();
  stopping.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});
