import { batchPlaceOf } from '../../src/jobs/job-id';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const submit = async (url: string, more: object = {}) =>
  (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url, ...more })).body;

async function untilEnded(id: string) {
  return waitFor(async () => {
    const { body } = await service.call('GET', `/jobs/${id}`);
    return body.status === 'running' ? undefined : body;
  });
}

test('a page that answers is fetched, stored and shown', async () => {
  const origin = await startOrigin((_req, res) => {
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.setHeader('set-cookie', 'a=b');
    res.end('<h1>Grüße für 5 €</h1>');
  });
  const job = await submit(`${origin.url}/page?q=1#top`, { meta: { row: 7 } });
  expect(job).toEqual({
    id: expect.any(String),
    attempts: 0,
    status: 'running',
    supposedToRunAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    statusUrl: `${service.url}/jobs/${job.id}`,
    url: `${origin.url}/page?q=1#top`,
    meta: { row: 7 },
  });
  const ended = await untilEnded(job.id);
  expect(ended).toMatchObject({
    id: job.id,
    attempts: 1,
    status: 'finished',
    url: `${origin.url}/page?q=1#top`,
    meta: { row: 7 },
    response: {
      statusCode: 200,
      body: '<h1>Grüße für 5 €</h1>',
      headers: { 'content-type': 'text/html; charset=utf-8', 'sa-statuscode': '200' },
    },
  });
  expect(ended.response.headers['set-cookie']).toBeUndefined();
  expect(Date.parse(ended.expiresAt) - Date.parse(ended.finishedAt)).toBe(72 * 3_600_000);
});

test('a page that fails is tried again until it succeeds, and the status shows why', async () => {
  let visits = 0;
  const origin = await startOrigin((_req, res) => {
    visits += 1;
    if (visits === 1) {
      res.statusCode = 503;
      res.setHeader('retry-after', '3');
    }
    res.end(`visit ${visits}`);
  });
  const { id } = await submit(origin.url);
  const waiting = await waitFor(async () => {
    const { body } = await service.call('GET', `/jobs/${id}`);
    return body.attempts === 1 && body.status === 'running' ? body : undefined;
  });
  expect(waiting.lastFailure).toMatchObject({ reason: 'throttled', statusCode: 503 });
  expect(Date.parse(waiting.supposedToRunAt)).toBeGreaterThan(Date.parse(waiting.lastFailure.at) + 2_500);
  const ended = await untilEnded(id);
  expect(ended).toMatchObject({ status: 'finished', attempts: 2, response: { body: 'visit 2' } });
  expect(visits).toBe(2);
});

test('a job whose time is over fails with failed_due_to_timeout and neither response nor statusUrl', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const { id } = await submit(origin.url, { timeoutSec: 5 });
  const ended = await untilEnded(id);
  expect(ended).toMatchObject({
    status: 'failed',
    failReason: 'failed_due_to_timeout',
    lastFailure: { reason: 'refused', statusCode: 500 },
  });
  expect(ended.attempts).toBeGreaterThanOrEqual(2);
  expect(ended).not.toHaveProperty('response');
  expect(ended).not.toHaveProperty('statusUrl');
});

test('a job that times out during its attempt fails the same way', async () => {
  const origin = await startOrigin(() => undefined);
  const { id } = await submit(origin.url, { timeoutSec: 2 });
  expect(await untilEnded(id)).toMatchObject({ status: 'failed', failReason: 'failed_due_to_timeout' });
});

test('a redirect into a closed network ends the job as forbidden_target at once', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 302;
    res.setHeader('location', 'http://169.254.169.254/latest/meta-data');
    res.end();
  });
  const { id } = await submit(origin.url);
  expect(await untilEnded(id)).toMatchObject({ status: 'failed', failReason: 'forbidden_target', attempts: 1 });
});

test('an endless redirect fails after the third attempt that ends so', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 302;
    res.setHeader('location', '/again');
    res.end();
  });
  const { id } = await submit(origin.url);
  expect(await untilEnded(id)).toMatchObject({ status: 'failed', failReason: 'too_many_redirects', attempts: 3 });
});

test('DELETE cancels a running job, aborts its fetch and ends its workflow; no fetch follows', async () => {
  let isClosed = false;
  const origin = await startOrigin((req) => {
    req.socket.on('close', () => (isClosed = true));
  });
  const { id } = await submit(origin.url, { timeoutSec: 60 });
  await waitFor(() => origin.requests.length === 1);
  const { status, body } = await service.call('DELETE', `/jobs/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ id, status: 'cancelled' });
  expect(body).not.toHaveProperty('response');
  await waitFor(
    async () => (await service.client.workflow.getHandle(`job/${id}`).describe()).status.name === 'CANCELLED',
  );
  await waitFor(() => isClosed);
  expect(origin.requests).toHaveLength(1);
  expect((await service.call('GET', `/jobs/${id}`)).body.status).toBe('cancelled');
});

test('DELETE leaves a finished job as it is', async () => {
  const origin = await startOrigin((_req, res) => res.end('kept'));
  const { id } = await submit(origin.url);
  await untilEnded(id);
  expect((await service.call('DELETE', `/jobs/${id}`)).body).toMatchObject({
    status: 'finished',
    response: { body: 'kept' },
  });
});

test('a job that is cancelled in Temporal ends as cancelled', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 500;
    res.end();
  });
  const { id } = await submit(origin.url);
  await waitFor(async () => (await service.call('GET', `/jobs/${id}`)).body.attempts >= 1);
  await service.client.workflow.getHandle(`job/${id}`).cancel();
  expect(await untilEnded(id)).toMatchObject({ status: 'cancelled' });
});

test('the workflow shows id, URL as summary, attempt, last failure and next try, and its history holds no header, body or key', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 429;
    res.end();
  });
  const { id, url } = await submit(origin.url, {
    method: 'POST',
    body: 'secret-body',
    headers: { 'x-secret': 'secret-header' },
    callback: { type: 'webhook', url: 'http://user:secret-pass@127.0.0.1:9/' },
  });
  expect(batchPlaceOf(id)).toBeUndefined();
  const handle = service.client.workflow.getHandle(`job/${id}`);
  const pending = await waitFor(async () => {
    const description = await handle.describe();
    const activity = description.raw.pendingActivities?.[0];
    return (activity?.attempt ?? 0) >= 2 && activity?.lastFailure ? { description, activity } : undefined;
  });
  expect(pending.activity.activityType?.name).toBe('scrape');
  expect(pending.activity.lastFailure?.message).toBe('throttled with status 429');
  expect(pending.activity.scheduledTime ?? pending.activity.nextAttemptScheduleTime).toMatchObject({
    seconds: expect.anything(),
  });
  expect(await pending.description.staticSummary()).toBe(url);
  const history = JSON.stringify(await handle.fetchHistory());
  for (const secret of ['secret-body', 'secret-header', 'secret-pass', TEST_KEY]) {
    expect(history).not.toContain(secret);
    expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4));
  }
  await service.call('DELETE', `/jobs/${id}`);
});

test('the only fetch of a job, cut off by the end of its time, counts', async () => {
  const origin = await startOrigin(() => undefined); // takes the request and says nothing
  const job = await submit(origin.url, { timeoutSec: 4 });
  const ended = await untilEnded(job.id);
  expect(ended).toMatchObject({ status: 'failed', failReason: 'failed_due_to_timeout', attempts: 1 });
  expect(ended).toMatchObject({ lastFailure: { reason: 'unreachable', detail: 'ATTEMPT_TIMEOUT' } });
  expect(origin.requests).toHaveLength(1);
});
