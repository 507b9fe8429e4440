import { createBatchClient, isEnded } from '../support/batch-client';
import { startOrigin } from '../support/origin';
import { startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let batches: ReturnType<typeof createBatchClient>;
beforeAll(async () => {
  service = await startTestService({ env: { MAX_FETCHES_PER_HOST: '64' } });
  batches = createBatchClient(service);
});
afterAll(() => service.stop());

/** Sums of a batch, in one snapshot. */
async function spentOf(id: string): Promise<{ credits: number; reserved: number }> {
  const [row] = await service.db.database.query<{ credits: number; reserved: number }>(
    `select sum(credits)::bigint as credits, sum(case when ended_at is null then reserved else 0 end)::bigint as reserved
     from batch_chunks where batch_id = $1`,
    [id],
  );
  return row ?? { credits: -1, reserved: -1 };
}

test('several sweeps with failing URLs use what the batch may cost, never more; raising it and resume go on', async () => {
  const origin = await startOrigin((req, res) => {
    const index = Number(req.url?.slice(1));
    // Every fourth fails for good, and every seventh the first time.
    res.statusCode = index % 4 === 0 || (index % 7 === 0 && Math.random() < 0.5) ? 500 : 200;
    res.end('page');
  });
  const urls = Array.from({ length: 1_600 }, (_, index) => `${origin.url}/${index}`);
  const { id } = await batches.submit(urls, { maxCredits: 700 });
  let isWatching = true;
  let most = 0;
  const look = async () => {
    const { credits, reserved } = await spentOf(id);
    most = Math.max(most, credits + reserved);
    return !isWatching;
  };
  const watch = waitFor(look, { timeoutMs: 120_000, intervalMs: 20 });
  const paused = await batches.until(id, ({ status }) => status === 'paused', 60_000);
  expect(paused).toMatchObject({ pausedBecause: 'max_credits' });
  expect(await batches.until(id, ({ counts }) => counts.running === 0)).toMatchObject({ credits: 700 });
  expect(await spentOf(id)).toEqual({ credits: 700, reserved: 0 });
  // Without more credits it pauses again, and nothing is fetched.
  const before = origin.requests.length;
  await batches.control(id, 'resume');
  await batches.until(id, ({ status }) => status === 'paused');
  expect(origin.requests).toHaveLength(before);
  expect((await batches.ask('PATCH', `/batches/${id}`, { maxCredits: 699 })).body).toMatchObject({
    code: 'max_credits_below_spent',
  });
  const raised = await batches.ask('PATCH', `/batches/${id}`, { maxCredits: 1_000 });
  expect(raised.body).toMatchObject({ maxCredits: 1_000, status: 'paused' });
  await batches.control(id, 'resume');
  await batches.until(id, ({ status, credits }) => status === 'paused' && credits === 1_000, 60_000);
  isWatching = false;
  await watch;
  expect(most).toBeLessThanOrEqual(1_000);
  await batches.ask('PATCH', `/batches/${id}`, { maxCredits: null });
  await batches.control(id, 'resume');
  await batches.until(id, ({ credits }) => credits > 1_000);
  await batches.control(id, 'cancel');
  await batches.until(id, isEnded);
});

test('a batch is given a cap only while it is paused and nothing of it is in flight; workflows per URL cannot keep to one', async () => {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const origin = await startOrigin((_req, res) => {
    if (isOpen) res.end('page');
    else waiting.push(() => res.end('page'));
  });
  const urls = Array.from({ length: 300 }, (_, index) => `${origin.url}/${index}`);
  const { id } = await batches.submit(urls, { fanOut: 'sweep' });
  await waitFor(() => waiting.length > 0);
  const cap = { maxCredits: 150 };
  expect((await batches.ask('PATCH', `/batches/${id}`, cap)).body).toMatchObject({ code: 'batch_not_paused' });
  await batches.control(id, 'pause');
  await batches.until(id, ({ counts }) => counts.running > 0);
  expect((await batches.ask('PATCH', `/batches/${id}`, cap)).body).toMatchObject({ code: 'batch_not_paused' });
  // One page at a time: the sweep hears of the pause a moment later, and must not finish the batch until then.
  const answerOneAndAsk = async () => {
    waiting.shift()?.();
    return (await batches.ask('PATCH', `/batches/${id}`, cap)).status === 200;
  };
  await waitFor(answerOneAndAsk, { timeoutMs: 120_000, intervalMs: 100 });
  isOpen = true;
  await batches.control(id, 'resume');
  const paused = await batches.until(id, ({ status }) => status === 'paused');
  expect(paused).toMatchObject({ pausedBecause: 'max_credits', credits: 150 });
  const jobs = await batches.submit([`${origin.url}/0`], { fanOut: 'jobs' });
  expect((await batches.ask('PATCH', `/batches/${jobs.id}`, cap)).body).toMatchObject({ code: 'invalid_request' });
});
