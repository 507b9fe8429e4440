import { createReceiver } from '../support/receiver';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const countsOf = async (id: string) =>
  (await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': TEST_KEY })).body;
const sumOf = ({ queued, running, finished, failed, cancelled }: Record<string, number>) =>
  (queued ?? 0) + (running ?? 0) + (finished ?? 0) + (failed ?? 0) + (cancelled ?? 0);

test('a batch answers a bare array in input order, fetches every URL once and counts truly all the time', async () => {
  const visits = new Map<string, number>();
  const origin = await startOrigin((req, res) => {
    const path = req.url ?? '';
    const visit = (visits.get(path) ?? 0) + 1;
    visits.set(path, visit);
    if (path.endsWith('3') && visit === 1) res.statusCode = 500;
    res.end(path);
  });
  const receiver = await createReceiver();
  const urls = [
    ...Array.from({ length: 60 }, (_, index) => `${origin.url}/${index}`),
    `${origin.url}/0`,
    'http://10.0.0.1/closed',
  ];
  const { status, headers, body } = await service.call('POST', '/batchjobs', {
    apiKey: TEST_KEY,
    urls,
    meta: 'all',
    callback: { type: 'webhook', url: receiver.url },
  });
  expect(status).toBe(200);
  expect(body.map((job: { url: string }) => job.url)).toEqual(urls);
  expect(body[5]).toEqual({
    id: expect.any(String),
    attempts: 0,
    status: 'running',
    statusUrl: `${service.url}/jobs/${body[5].id}`,
    url: urls[5],
    meta: 'all',
  });
  const id = headers.get('x-batch-id') ?? '';
  expect(headers.get('location')).toBe(`/batches/${id}`);
  expect(headers.get('link')).toBe(`</batches/${id}>; rel="batch"`);

  const ended = await waitFor(async () => {
    const batch = await countsOf(id);
    expect(sumOf(batch.counts)).toBe(urls.length);
    return batch.status === 'running' ? undefined : batch;
  });
  expect(ended).toMatchObject({
    id,
    status: 'finished',
    counts: { total: 62, queued: 0, running: 0, finished: 61, failed: 1, cancelled: 0 },
  });
  for (const job of body as { id: string; url: string }[]) {
    const { body: seen } = await service.call('GET', `/jobs/${job.id}`);
    if (job.url.includes('10.0.0.1')) expect(seen).toMatchObject({ status: 'failed', failReason: 'forbidden_target' });
    else
      expect(seen).toMatchObject({
        status: 'finished',
        url: job.url,
        meta: 'all',
        response: { body: new URL(job.url).pathname },
      });
  }
  // The failed one is not reported: nobody asked for failures.
  await waitFor(() => receiver.calls.length >= 61);
  expect(new Set(receiver.calls.map((call) => call.body.id)).size).toBe(61);
  expect(receiver.calls.find((call) => call.body.id === body[7].id)?.body).toEqual(
    (await service.call('GET', `/jobs/${body[7].id}`)).body,
  );

  const handle = service.client.workflow.getHandle(`batch/${id}`);
  expect(await handle.result()).toEqual({ batchId: id, total: 62, finished: 61, failed: 1, cancelled: 0 });
  expect(await service.client.workflow.getHandle(`batch/${id}/chunk/0`).result()).toEqual({
    total: 62,
    finished: 61,
    failed: 1,
    cancelled: 0,
  });
});

test('cancelling a batch in Temporal cancels every URL that has not ended, begun or not', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/0') res.end('ok');
  });
  const urls = Array.from({ length: 40 }, (_, index) => `${origin.url}/${index}`);
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, timeoutSec: 60 });
  const id = headers.get('x-batch-id') ?? '';
  await waitFor(async () => (await countsOf(id)).counts.finished === 1);
  await service.client.workflow.getHandle(`batch/${id}`).cancel();
  const ended = await waitFor(async () => {
    const batch = await countsOf(id);
    return batch.status === 'running' ? undefined : batch;
  });
  expect(ended.counts).toEqual({ total: 40, queued: 0, running: 0, finished: 1, failed: 0, cancelled: 39 });
});

test('a child that is terminated ends its URL as terminated; the others go on', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/bad' ? 500 : 200;
    res.end('ok');
  });
  const { headers, body } = await service.call('POST', '/batchjobs', {
    apiKey: TEST_KEY,
    urls: [`${origin.url}/bad`, `${origin.url}/good`],
  });
  await waitFor(async () => (await service.call('GET', `/jobs/${body[0].id}`)).body.attempts >= 1);
  await service.client.workflow.getHandle(`job/${body[0].id}`).terminate();
  await waitFor(async () => (await countsOf(headers.get('x-batch-id') ?? '')).status === 'finished');
  expect((await service.call('GET', `/jobs/${body[0].id}`)).body).toMatchObject({
    status: 'failed',
    failReason: 'terminated',
  });
  expect((await service.call('GET', `/jobs/${body[1].id}`)).body).toMatchObject({ status: 'finished' });
});

test('another key sees no batch', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url] });
  const id = headers.get('x-batch-id') ?? '';
  expect((await service.call('GET', `/batches/${id}`)).status).toBe(401);
  expect((await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': 'another' })).status).toBe(401);
  await service.db.database.query(`insert into api_keys (name, key_hash) values ('other', sha256('another'))`);
  const answer = await service.call('GET', `/batches/${id}`, undefined, { 'x-api-key': 'another' });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});

test('one receiver that is down does not delay another', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const receiver = await createReceiver();
  const down = await createReceiver(() => 500);
  for (const callback of [down, receiver]) {
    await service.call('POST', '/jobs', {
      apiKey: TEST_KEY,
      url: origin.url,
      callback: { type: 'webhook', url: callback.url },
    });
  }
  await waitFor(() => receiver.calls.length === 1 && down.calls.length >= 1);
  // The receiver sees the call a moment before its row says so.
  const delivery = await waitFor(async () => {
    const [row] = await service.db.database.query<{ attempts: number }>(
      `select d.status, d.attempts, a.status_code, next_attempt_at > now() as is_later
       from webhook_deliveries d left join webhook_attempts a on a.delivery_id = d.id where url = $1`,
      [down.url],
    );
    return row?.attempts === 0 ? undefined : row;
  });
  expect(delivery).toEqual({ status: 'pending', attempts: 1, status_code: 500, is_later: true });
});

test('a failed job is reported only when that was asked for, and with Basic credentials of the URL', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const receiver = await createReceiver();
  const url = receiver.url.replace('http://', 'http://me:p%40ss@');
  const { body } = await service.call('POST', '/jobs', {
    apiKey: TEST_KEY,
    url: origin.url,
    timeoutSec: 1,
    expectUnsuccessReport: 'true',
    callback: { type: 'webhook', url },
  });
  const [call] = await waitFor(() => (receiver.calls.length > 0 ? receiver.calls : undefined));
  expect(call?.body).toMatchObject({ id: body.id, status: 'failed', failReason: 'failed_due_to_timeout' });
  expect(call?.headers['authorization']).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});
