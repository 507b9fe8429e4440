import type { ServerResponse } from 'node:http';
import { createBatchClient, isEnded } from '../support/batch-client';
import { startOrigin } from '../support/origin';
import { startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let first: TestService;
let second: TestService;
beforeAll(async () => {
  const env = { ATTEMPT_TIMEOUT_SEC: '30' };
  first = await startTestService({ env });
  second = await startTestService({ env, beside: first });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

const urlsOf = (base: string, count: number) => Array.from({ length: count }, (_, index) => `${base}/${index}`);
const busyOf = (service: TestService) => service.call('GET', '/healthz').then(({ body }) => body.fetches.inFlight > 0);

test('two APIs and two workers: a pause at the one holds for both, so does a cancel at the other', async () => {
  const waiting: ServerResponse[] = [];
  const origin = await startOrigin((_req, res) => void waiting.push(res));
  const served = new Set<string>();
  const answerAll = () => {
    for (const res of waiting.splice(0)) {
      if (!res.destroyed) served.add(res.req.url ?? ''); // the time of an attempt may be over before both workers are busy
      res.end('page');
    }
  };
  const [one, other] = [createBatchClient(first), createBatchClient(second)];
  const { id } = await one.submit(urlsOf(origin.url, 2_500));
  await waitFor(async () => (await busyOf(first)) && (await busyOf(second)), { timeoutMs: 90_000 });
  await one.control(id, 'pause');
  expect(await other.get(id)).toMatchObject({ status: 'paused' });
  // Answering what waits lets every sweep start others, until it has heard of the pause.
  await waitFor(async () => {
    answerAll();
    const { counts } = await other.get(id);
    return counts.running === 0 && counts.finished === served.size;
  });
  const before = served.size;
  await other.control(id, 'resume');
  await waitFor(() => waiting.length > 0);
  await other.control(id, 'cancel');
  const ended = await one.until(id, isEnded);
  expect(ended).toMatchObject({ status: 'cancelled', counts: { finished: before, cancelled: 2_500 - before } });
  expect(await one.control(id, 'cancel')).toEqual(ended);
});

test.each(['sweep', 'jobs'] as const)(
  'two workers keep to maxPerHost together (%s), and to another one once it is changed',
  async (fanOut) => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    let allowed = 3;
    const origin = await startOrigin((_req, res) => {
      waiting.push(res);
      res.once('close', () => waiting.includes(res) && waiting.splice(waiting.indexOf(res), 1)); // given up by the service
      most = Math.max(most, waiting.length);
      expect(waiting.length).toBeLessThanOrEqual(allowed);
    });
    const answer = () => waiting.shift()?.end('page');
    const one = createBatchClient(first);
    // Ten sweeps, so that both workers get some: one without a URL of the batch would keep its part of the limit unused.
    const count = fanOut === 'sweep' ? 5_000 : 12;
    const { id } = await one.submit(urlsOf(origin.url, count), { fanOut, maxPerHost: 3 });
    const untilAnswered = (requests: number) =>
      waitFor(
        () => {
          if (waiting.length === allowed || origin.requests.length === count) answer();
          return origin.requests.length >= requests;
        },
        { timeoutMs: 80_000, intervalMs: 3 },
      );
    await untilAnswered(fanOut === 'sweep' ? 12 : 8);
    expect(most).toBe(3);
    if (fanOut === 'sweep') {
      allowed = 6;
      expect((await one.ask('PATCH', `/batches/${id}`, { maxPerHost: 6 })).status).toBe(200);
      await untilAnswered(40);
      expect(most).toBe(6);
      allowed = Infinity;
      await one.ask('PATCH', `/batches/${id}`, { maxPerHost: null });
      await waitFor(() => waiting.length > 6);
      await one.control(id, 'cancel');
    }
    await waitFor(
      async () => {
        answer();
        return isEnded(await one.get(id));
      },
      { timeoutMs: 80_000 },
    );
  },
  240_000,
);
