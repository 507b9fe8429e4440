import type { ServerResponse } from 'node:http';
import { openApiDocument } from '../../tools/docs/openapi/open-api-document';
import { planReasons } from '../../src/jobs/plan-reasons';
import { createBatchClient, isEnded, KEY_HEADERS } from '../support/batch-client';
import { undocumented } from '../support/documented-answer';
import { startOrigin } from '../support/origin';
import { startTestService } from '../support/test-service';
import type { Answer, TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/* What the dashboard asks of the service beside what other clients do. */

const SHOP = { 'x-api-key': 'key-of-the-shop' };
const document = JSON.parse(openApiDocument());

let service: TestService;
let batches: ReturnType<typeof createBatchClient>;
beforeAll(async () => {
  service = await startTestService({
    env: { ATTEMPT_TIMEOUT_SEC: '30', HOST_LIMITS: 'localhost=1/s', ALLOW_PRIVATE_TARGETS: '127.0.0.1/32,localhost' },
  });
  batches = createBatchClient(service);
  await service.db.database.query(
    `insert into api_keys (name, key_hash, credit_limit, max_concurrency) values ('shop', sha256('key-of-the-shop'), 5000, 2)`,
  );
});
afterAll(() => service.stop());

/** An answer that is as the OpenAPI document says. */
async function documented(path: string, url: string, headers: Record<string, string> = KEY_HEADERS): Promise<Answer> {
  const answer = await service.call('GET', url, undefined, headers);
  expect(undocumented(document, document.paths[path].get, answer)).toBeUndefined();
  return answer;
}

/** A target that answers only once it is told to. */
async function startGatedOrigin() {
  const waiting: ServerResponse[] = [];
  const origin = await startOrigin((_req, res) => void waiting.push(res));
  return { url: origin.url, waiting };
}

const urlsOf = (base: string, count: number) => Array.from({ length: count }, (_, index) => `${base}/${index}`);
const cancel = (id: string, headers = KEY_HEADERS) => service.call('POST', `/batches/${id}/cancel`, undefined, headers);

async function submitAs(headers: Record<string, string>, urls: readonly string[]): Promise<string> {
  const answer = await service.call('POST', '/batchjobs', { urls, fanOut: 'sweep' }, headers);
  expect(answer.status).toBe(200);
  return answer.headers.get('x-batch-id') ?? '';
}

test('the overview shows a key what is its own, and an admin key everything', async () => {
  const overview = async (headers?: Record<string, string>) =>
    (await documented('/overview', '/overview', headers)).body;
  const { url, waiting } = await startGatedOrigin();
  await submitAs(SHOP, urlsOf(url, 5));
  await waitFor(() => waiting.length === 2);
  const busy = await waitFor(async () => {
    const seen = await overview(SHOP);
    return seen.urls.running === 2 ? seen : undefined;
  });
  expect(busy).toMatchObject({
    ...{ isAdmin: false, urls: { queued: 3, running: 2, retrying: 0 }, openBatches: 1, receiversInTrouble: 0 },
    credits: { used: 0, reserved: 5, limit: 5_000 },
    temporalUi: { url: 'http://127.0.0.1:8233', namespace: 'default' },
    workers: [{ isAlive: true, features: { hasBrowser: expect.any(Boolean), proxies: [] } }],
  });
  expect(busy.version).toMatch(/^\d+\.\d+\.\d+/);
  await service.call('POST', '/jobs', { url }, SHOP);
  const answer = () => waiting.splice(0).forEach((res) => res.end('page'));
  const done = await waitFor(async () => {
    answer();
    const seen = await overview(SHOP);
    return seen.credits.used === 6 && seen.openBatches === 0 ? seen : undefined;
  });
  expect(done.urls).toEqual({ queued: 0, running: 0, retrying: 0 });
  const ended = (throughput: { finished: number; failed: number }[]) =>
    throughput.reduce((sum, { finished, failed }) => sum + finished + failed, 0);
  expect(ended(done.throughput)).toBe(6);
  // The worker tells every few seconds what it is busy with.
  const all = await waitFor(async () => {
    const seen = await overview();
    return seen.workers[0]?.fetches?.limit > 0 && seen.credits.used >= 6 ? seen : undefined;
  });
  expect(all).toMatchObject({ isAdmin: true, credits: { used: expect.any(Number), reserved: expect.any(Number) } });
  expect(all.credits).not.toHaveProperty('limit');
  expect(ended(all.throughput)).toBeGreaterThanOrEqual(6);
  expect((await documented('/overview', '/overview', {})).status).toBe(401);
  expect((await documented('/overview', '/overview?full=1')).body).toMatchObject({ code: 'invalid_request' });
});

describe('a batch says what limits it', () => {
  const limitOf = async (id: string, headers?: Record<string, string>) =>
    (await documented('/batches/{id}', `/batches/${id}`, headers)).body.limitedBy;
  const until = (id: string, reason: string, headers?: Record<string, string>) =>
    waitFor(
      async () => {
        const limit = await limitOf(id, headers);
        return limit?.reason === reason ? limit.sentence : undefined;
      },
      { message: reason },
    );

  test('fetches per host, of the installation or of the batch, a pause, its credits, and nothing once it has ended', async () => {
    const { url } = await startGatedOrigin();
    const { id } = await batches.submit(urlsOf(url, 700), { fanOut: 'sweep' });
    expect(await until(id, 'per_host_limit')).toBe(
      'The URLs left are on one host, 127.0.0.1, and 16 fetches may be in flight to one at a time (the limit of the installation).',
    );
    await batches.control(id, 'pause');
    expect(await limitOf(id)).toMatchObject({
      ...{ reason: 'paused', sentence: expect.stringContaining('nothing new is fetched until it is resumed') },
    });
    await cancel(id);
    await batches.until(id, isEnded);
    expect(await limitOf(id)).toBeUndefined();

    const own = await batches.submit(urlsOf(url, 20), { fanOut: 'sweep', maxPerHost: 3 });
    expect(await until(own.id, 'per_host_limit')).toContain(
      '3 fetches may be in flight to one at a time (maxPerHost of the batch)',
    );
    await cancel(own.id);

    const quick = await startOrigin((_req, res) => res.end('page'));
    const capped = await batches.submit(urlsOf(quick.url, 20), { fanOut: 'sweep', maxCredits: 5 });
    expect(await until(capped.id, 'max_credits')).toContain('Its maxCredits of 5 are spent or promised');
    await cancel(capped.id);
  });

  test('the fetches of its key, and the next tries of what failed', async () => {
    const { url } = await startGatedOrigin();
    const id = await submitAs(SHOP, urlsOf(url, 30));
    expect(await until(id, 'key_concurrency', SHOP)).toBe('The API key may have 2 fetches in flight, and has 2.');
    await cancel(id, SHOP);
    const broken = await startOrigin((_req, res) => {
      res.statusCode = 500;
      res.end();
    });
    const failing = await batches.submit(urlsOf(broken.url, 40), { fanOut: 'sweep' });
    expect(await until(failing.id, 'retry_delays')).toMatch(
      /^\d+ of the 40 URLs left failed before and wait for their next try/,
    );
    await cancel(failing.id);
  });

  test('the pace of its host, and the rest that the host asked for', async () => {
    let isTired = false;
    const origin = await startOrigin((_req, res) => {
      if (isTired) res.writeHead(429, { 'retry-after': '60' });
      res.end('page');
    });
    const { id } = await batches.submit(urlsOf(origin.url.replace('127.0.0.1', 'localhost'), 200), { fanOut: 'sweep' });
    expect(await until(id, 'host_pace')).toMatch(
      /^localhost is asked at most 1 times a second; some \d+ of the \d+ URLs left are there\.$/,
    );
    isTired = true;
    expect(await until(id, 'host_rests')).toMatch(
      /^localhost asked to be left alone, localhost until \d\d:\d\d:\d\d UTC/,
    );
    await cancel(id);
  });
});

describe('the attempts of a job', () => {
  test('stay with what each came to, when it was and why the next one differs', async () => {
    let requests = 0;
    const origin = await startOrigin((_req, res) => {
      requests += 1;
      if (requests === 1) return void res.socket?.destroy();
      res.statusCode = requests === 2 ? 500 : 200;
      res.end('page');
    });
    const { body: accepted } = await service.call('POST', '/jobs', { url: origin.url }, KEY_HEADERS);
    const path = `/jobs/${accepted.id}`;
    const attempts = async (query: string) => (await documented('/jobs/{id}', `${path}?${query}`)).body;
    const waiting = await waitFor(async () => {
      const job = await attempts('attempts=true');
      return job.status === 'running' && job.tried.length > 0 ? job : undefined;
    });
    expect(waiting.tried[0]).toMatchObject({
      ...{ kind: 'unreachable', code: expect.any(String), engine: 'http', at: expect.any(String) },
      next: { engine: 'http', why: planReasons.fresh_connection },
    });
    const done = await waitFor(async () => {
      const job = await attempts('attempts=true');
      return job.status === 'finished' ? job : undefined;
    });
    expect(done).toMatchObject({ attempts: 3, response: { body: 'page' } });
    expect(done.tried).toMatchObject([
      { kind: 'unreachable', nextAt: expect.any(String) },
      { kind: 'refused', statusCode: 500, next: { why: planReasons.same_way } },
      { kind: 'page', statusCode: 200, engine: 'http', durationMs: expect.any(Number) },
    ]);
    expect(done.tried[2]).not.toHaveProperty('next');
    expect((await attempts('attempts=1&response=false')).response).not.toHaveProperty('body');
    expect(await attempts('response=false')).not.toHaveProperty('tried');
    const anonymous = await documented('/jobs/{id}', `${path}?attempts=true`, {});
    expect(anonymous.body).toEqual(done);
    expect((await service.call('GET', `${path}?attempts=perhaps`)).body).toMatchObject({ code: 'invalid_request' });
    expect((await service.call('GET', `${path}?attempts=true&api_key=nobody`)).status).toBe(401);
  });

  test('are none where the first one brought the page, and one where that one ended the job', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/away') res.writeHead(302, { location: 'http://10.0.0.1/' });
      res.end('page');
    });
    const tried = async (path: string) => {
      const { body } = await service.call('POST', '/scrape?wait=30', { url: origin.url + path }, KEY_HEADERS);
      return (await documented('/jobs/{id}', `/jobs/${body.id}?attempts=true`)).body.tried;
    };
    expect(await tried('/')).toEqual([]);
    const [away, ...others] = await tried('/away');
    expect(away).toMatchObject({ kind: 'forbidden', engine: 'http', durationMs: expect.any(Number) });
    expect(away).not.toHaveProperty('next');
    expect(others).toEqual([]);
  });
});

test('the dashboard or a sentence about it is at the root, and what is missing there is a problem', async () => {
  const page = await service.call('GET', '/');
  expect([200, 404]).toContain(page.status);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await service.call('GET', '/dashboard/missing.js')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
  expect((await service.call('POST', '/')).status).toBe(404);
});
