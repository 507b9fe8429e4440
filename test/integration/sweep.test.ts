import { startOrigin } from '../support/origin';
import { currentDetails } from '../support/current-details';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Counts {
  readonly total: number;
  readonly queued: number;
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

async function submit(urls: readonly string[], more: object = {}): Promise<{ id: string; jobs: { id: string }[] }> {
  const { status, headers, body } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, ...more });
  expect(status).toBe(200);
  return { id: headers.get('x-batch-id') ?? '', jobs: body };
}

async function countsOf(id: string): Promise<{ status: string; counts: Counts }> {
  const { body } = await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY });
  const { total, queued, running, finished, failed, cancelled } = body.counts as Counts;
  expect(queued + running + finished + failed + cancelled).toBe(total);
  return body;
}

const untilEnded = (id: string) =>
  waitFor(async () => {
    const batch = await countsOf(id);
    return batch.status === 'running' ? undefined : batch;
  });

const jobOf = async (id: string) => (await service.call('GET', `/jobs/${id}`)).body;
const workflow = (id: string) => service.client.workflow.getHandle(id);

test('a large batch is swept: every page right, every URL fetched once, no workflow per URL', async () => {
  const origin = await startOrigin((req, res) => res.end(`page ${req.url}`));
  const receiver = await createReceiver();
  const urls = Array.from({ length: 1_203 }, (_, index) => `${origin.url}/${index}`);
  const { id, jobs } = await submit(urls, { callback: { type: 'webhook', url: receiver.url }, meta: { of: 'all' } });
  const { status, counts } = await untilEnded(id);
  expect({ status, ...counts }).toMatchObject({ status: 'finished', total: 1_203, finished: 1_203 });
  expect(origin.requests).toHaveLength(1_203);
  for (const index of [0, 499, 500, 1_202])
    expect(await jobOf(jobs[index]?.id ?? '')).toMatchObject({
      status: 'finished',
      attempts: 1,
      url: urls[index],
      meta: { of: 'all' },
      response: { statusCode: 200, body: `page /${index}` },
    });
  expect(await workflow(`batch/${id}`).result()).toMatchObject({ total: 1_203, finished: 1_203 });
  expect(await workflow(`batch/${id}/chunk/2`).result()).toEqual({
    total: 203,
    finished: 203,
    failed: 0,
    cancelled: 0,
  });
  expect((await workflow(`batch/${id}/chunk/0`).describe()).historyLength).toBeLessThan(20);
  await expect(workflow(`job/${jobs[0]?.id}`).describe()).rejects.toThrow();
  await waitFor(() => new Set(receiver.calls.map((call) => call.body.id)).size === 1_203);
});

test('a batch of over 12,500 URLs has several chunks to a workflow', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode =
      req.url === '/12600' && origin.requests.filter(({ url }) => url === req.url).length === 1 ? 500 : 200;
    res.end(`page ${req.url}`);
  });
  const urls = Array.from({ length: 12_601 }, (_, index) => `${origin.url}/${index}`);
  const { id, jobs } = await submit(urls);
  expect(await untilEnded(id)).toMatchObject({ status: 'finished', counts: { finished: 12_601 } });
  expect(origin.requests).toHaveLength(12_602);
  for (const index of [0, 999, 1_000, 12_600])
    expect(await jobOf(jobs[index]?.id ?? '')).toMatchObject({
      status: 'finished',
      response: { body: `page /${index}` },
    });
  expect(await workflow(`batch/${id}`).result()).toMatchObject({ total: 12_601, finished: 12_601 });
  expect(await workflow(`batch/${id}/chunk/2`).result()).toMatchObject({ total: 1_000, finished: 1_000 });
  expect(await workflow(`batch/${id}/chunk/24`).result()).toMatchObject({ total: 601 });
  await expect(workflow(`batch/${id}/chunk/1`).describe()).rejects.toThrow();
});

test('fanOut forces a workflow per URL, or a sweep for few; anything else is refused and named', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const few = Array.from({ length: 3 }, (_, index) => `${origin.url}/${index}`);
  const swept = await submit(few, { fanOut: 'sweep' });
  await untilEnded(swept.id);
  await expect(workflow(`job/${swept.jobs[0]?.id}`).describe()).rejects.toThrow();

  const many = Array.from({ length: 130 }, (_, index) => `${origin.url}/${index}`);
  const single = await submit(many, { fanOut: 'jobs' });
  expect(await untilEnded(single.id)).toMatchObject({ status: 'finished', counts: { finished: 130 } });
  expect(await workflow(`job/${single.jobs[129]?.id}`).result()).toMatchObject({ status: 'finished' });
  // Divided, so that no history has to hold the events of all.
  const part = workflow(`batch/${single.id}/chunk/0/from/100`);
  await part.result(); // it ends a moment after its last job
  expect((await part.describe()).status.name).toBe('COMPLETED');

  const refused = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: few, fanOut: 'all' });
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', details: [{ path: 'fanOut' }] } });
});

test('first failures are tried again inside the sweep; a URL in lasting trouble gets a workflow of its own', async () => {
  const visits = new Map<string, number>();
  let hasOwnWorkflow = false;
  const origin = await startOrigin((req, res) => {
    const visit = (visits.get(req.url ?? '') ?? 0) + 1;
    visits.set(req.url ?? '', visit);
    const isBad = req.url === '/bad' ? !hasOwnWorkflow : req.url === '/twice' && visit <= 2;
    res.statusCode = isBad ? 503 : 200;
    res.end('ok');
  });
  const urls = [
    ...Array.from({ length: 120 }, (_, index) => `${origin.url}/${index}`),
    `${origin.url}/twice`,
    `${origin.url}/bad`,
  ];
  const { id, jobs } = await submit(urls);
  const twice = await waitFor(async () => {
    const job = await jobOf(jobs[120]?.id ?? '');
    return job.status === 'running' ? undefined : job;
  });
  expect(twice).toMatchObject({ status: 'finished', attempts: 3 });
  expect(await countsOf(id)).toMatchObject({ counts: { running: 1, finished: 121 } });
  const own = workflow(`job/${jobs[121]?.id}`);
  await waitFor(() => own.describe(), { timeoutMs: 90_000, intervalMs: 200 });
  // It can be found by what it belongs to, and the chunk says that it has left the sweeps.
  const attributes = (await own.describe()).typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(Object.fromEntries(attributes)).toMatchObject({
    EverfetchHost: '127.0.0.1',
    EverfetchBatch: id,
    EverfetchKey: 'default',
  });
  expect(await own.describe().then((described) => described.staticDetails())).toContain(`/#/jobs/${jobs[121]?.id})`);
  await waitFor(async () => /own: 1\./.test(await currentDetails(workflow(`batch/${id}/chunk/0`))));
  expect(await currentDetails(workflow(`batch/${id}/chunk/0`))).toMatch(
    /^121 of 122 URLs have ended: 121 finished, 0 failed, 0 cancelled\. .* As of \S+Z\.$/,
  );
  const visitsOfSweep = visits.get('/bad') ?? 0;
  expect(visitsOfSweep).toBeGreaterThan(3);
  hasOwnWorkflow = true;
  const bad = await waitFor(
    async () => {
      const job = await jobOf(jobs[121]?.id ?? '');
      return job.status === 'running' ? undefined : job;
    },
    { timeoutMs: 150_000 },
  );
  const attempts = visits.get('/bad');
  expect(bad).toMatchObject({ status: 'finished', attempts });
  expect(await own.result()).toMatchObject({ status: 'finished', attempts });
  expect(await untilEnded(id)).toMatchObject({ status: 'finished', counts: { finished: 122 } });
});

test('when its time is over, a swept URL fails as timed out, and one that cannot succeed ends at once', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/down' ? 500 : 200;
    res.end('ok');
  });
  const urls = [`${origin.url}/down`, `${origin.url}/up`, 'http://10.0.0.1/closed'];
  const { id, jobs } = await submit(urls, { fanOut: 'sweep', timeoutSec: 8 });
  expect(await untilEnded(id)).toMatchObject({ status: 'finished', counts: { finished: 1, failed: 2 } });
  expect(await jobOf(jobs[0]?.id ?? '')).toMatchObject({ status: 'failed', failReason: 'failed_due_to_timeout' });
  expect(await jobOf(jobs[2]?.id ?? '')).toMatchObject({ status: 'failed', failReason: 'forbidden_target' });
});

test('deleting a swept job aborts its fetch and starts no other; the rest goes on', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url !== '/hangs') res.end('ok');
  });
  const urls = [`${origin.url}/hangs`, ...Array.from({ length: 20 }, (_, index) => `${origin.url}/${index}`)];
  const { id, jobs } = await submit(urls, { fanOut: 'sweep' });
  await waitFor(async () => (await countsOf(id)).counts.finished === 20);
  const cancelled = await service.call('DELETE', `/jobs/${jobs[0]?.id}`);
  expect(cancelled.body).toMatchObject({ status: 'cancelled' });
  // The chunk ends as soon as the sweep has heard of it: no attempt is left that could hold it up for its 5 s.
  expect(await untilEnded(id)).toMatchObject({ counts: { finished: 20, cancelled: 1 } });
  await workflow(`batch/${id}`).result();
  expect(origin.requests.filter(({ url }) => url === '/hangs')).toHaveLength(1);
});

test('cancelling a swept batch in Temporal cancels what has not ended', async () => {
  const origin = await startOrigin((req, res) => {
    if (Number(req.url?.slice(1)) < 50) res.end('ok');
  });
  // All URLs are in one chunk, so that those that hang come last and take no slot from the others.
  const urls = Array.from({ length: 120 }, (_, index) => `${origin.url}/${index}`);
  const { id } = await submit(urls);
  await waitFor(async () => (await countsOf(id)).counts.finished === 50);
  await workflow(`batch/${id}`).cancel();
  expect(await untilEnded(id)).toMatchObject({ counts: { finished: 50, cancelled: 70 } });
});

test('a single job does not wait behind a batch of slow pages', async () => {
  const held: (() => void)[] = [];
  const slow = await startOrigin((_req, res) => held.push(() => res.end('slow')));
  const origin = await startOrigin((_req, res) => res.end('quick'));
  // 127.0.0.1 … 127.0.0.1 is one host: its slots are taken, the batch fills no others.
  const { id } = await submit(Array.from({ length: 400 }, (_, index) => `${slow.url}/${index}`));
  await waitFor(() => held.length >= 14);
  const quickHost = origin.url.replace('127.0.0.1', 'localhost');
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: quickHost });
  await waitFor(async () => (await jobOf(body.id)).status === 'finished');
  expect((await countsOf(id)).counts.finished).toBeLessThan(400);
  const release = setInterval(() => held.splice(0).forEach((each) => each()), 20);
  await untilEnded(id).finally(() => clearInterval(release));
});
