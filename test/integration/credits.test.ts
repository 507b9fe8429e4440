import { createApiKey } from '../../src/store/manage-api-keys';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const newKey = async (limits: Parameters<typeof createApiKey>[2]): Promise<string> => {
  const key = await createApiKey(service.db.database, `key-${Math.random()}`, limits);
  if (key === undefined) throw new Error('the name is taken');
  return key;
};
const account = async (key: string) => (await service.call('GET', `/account?api_key=${key}`)).body;
const untilEnded = (id: string) =>
  waitFor(async () => {
    const { body } = await service.call('GET', `/jobs/${id}`);
    return body.status === 'running' ? undefined : body;
  });

test('a finished job is charged once, a failed or cancelled one not at all, and the reservation is given back', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/gone' ? 410 : req.url === '/down' ? 500 : 200;
    res.end('ok');
  });
  const key = await newKey({ creditLimit: 10 });
  const submit = async (path: string, more: object = {}) =>
    (await service.call('POST', '/jobs', { apiKey: key, url: `${origin.url}${path}`, ...more })).body.id as string;
  const finished = await submit('/');
  const gone = await submit('/gone');
  const failed = await submit('/down', { timeoutSec: 1 });
  const cancelled = await submit('/down');
  expect((await untilEnded(finished)).credits).toBe(1);
  expect((await untilEnded(finished)).response.headers['sa-credit-cost']).toBe('1');
  await untilEnded(gone);
  await untilEnded(failed);
  await service.call('DELETE', `/jobs/${cancelled}`);
  expect(await account(key)).toMatchObject({
    requestCount: 3,
    failedRequestCount: 1,
    requestLimit: 10,
    creditsLeft: 8,
    concurrentRequests: 0,
  });
});

test('submissions that race never reserve more than the limit', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const key = await newKey({ creditLimit: 7, submitsPerSecond: 1_000 });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0
        ? service.call('POST', '/batchjobs', { apiKey: key, urls: [origin.url, origin.url] })
        : service.call('POST', '/jobs', { apiKey: key, url: origin.url }),
    ),
  );
  const taken = answers
    .filter(({ status }) => status === 200)
    .reduce((sum, { body }) => sum + (Array.isArray(body) ? body.length : 1), 0);
  expect(taken).toBe(7);
  for (const { status, body } of answers)
    if (status !== 200) expect([status, body.code]).toEqual([403, 'credits_exhausted']);
  await waitFor(async () => (await account(key)).requestCount === 7);
  expect(await account(key)).toMatchObject({ creditsLeft: 0, concurrentRequests: 0 });
});

test('max_cost refuses a job, and fails those URLs of a batch that cost more, while the others run', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const receiver = await createReceiver();
  const dear = 'https://www.amazon.co.uk/dp/1';
  expect(await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: dear, maxCost: '4' })).toMatchObject({
    status: 403,
    body: { code: 'max_cost_exceeded' },
  });
  expect(
    await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [dear, dear], apiParams: { max_cost: 4 } }),
  ).toMatchObject({ status: 403 });
  const key = await newKey({ creditLimit: 1 });
  const { status, body, headers } = await service.call('POST', '/batchjobs', {
    apiKey: key,
    urls: [dear, origin.url],
    apiParams: { max_cost: 4 },
    expectUnsuccessReport: true,
    callback: { type: 'webhook', url: receiver.url },
  });
  expect(status).toBe(200);
  expect((await service.call('GET', `/jobs/${body[0].id}`)).body).toMatchObject({
    status: 'failed',
    failReason: 'max_cost_exceeded',
    statusCode: 403,
    attempts: 0,
  });
  expect(await untilEnded(body[1].id)).toMatchObject({ status: 'finished', credits: 1 });
  await waitFor(() => receiver.calls.length === 2);
  const batch = await service.call('GET', `/batches/${headers.get('x-batch-id')}`, undefined, { 'x-api-key': key });
  expect(batch.body.counts).toMatchObject({ total: 2, finished: 1, failed: 1 });
  expect(await account(key)).toMatchObject({ creditsLeft: 0, concurrentRequests: 0, failedRequestCount: 1 });
});

test('the limit of unfinished URLs and the submit rate answer 429 with Retry-After, and say what is left before', async () => {
  const origin = await startOrigin(() => undefined);
  const few = await newKey({ maxUnfinished: 2 });
  const taken = await service.call('POST', '/batchjobs', { apiKey: few, urls: [origin.url] });
  expect(taken).toMatchObject({ status: 200 });
  expect(taken.headers.get('ratelimit-policy')).toBe('"submit";q=100;w=1, "unfinished";q=2');
  expect(taken.headers.get('ratelimit')).toMatch(/^"submit";r=\d+;t=1, "unfinished";r=1$/);
  const last = await service.call('POST', '/jobs', { apiKey: few, url: origin.url }, { 'idempotency-key': 'last' });
  expect(last.headers.get('ratelimit')).toMatch(/, "unfinished";r=0$/);
  const full = await service.call('POST', '/jobs', { apiKey: few, url: origin.url });
  expect(full).toMatchObject({ status: 429, body: { code: 'too_many_unfinished' } });
  expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(full.headers.get('ratelimit')).toBe('"unfinished";r=0');

  const slow = await newKey({ submitsPerSecond: 1 });
  const answers = [];
  for (let index = 0; index < 6; index++)
    answers.push(await service.call('POST', '/jobs', { apiKey: slow, url: origin.url, timeoutSec: 1 }));
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body.code).toBe('submit_rate_exceeded');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.headers.get('ratelimit-policy')).toBe('"submit";q=1;w=1');
  expect(refused?.headers.get('ratelimit')).toBe(`"submit";r=0;t=${refused?.headers.get('retry-after')}`);
});

test('a key with a concurrency of 2 never has more than two fetches in flight, and waiting is no attempt', async () => {
  let inFlight = 0;
  let most = 0;
  const origin = await startOrigin((_req, res) => {
    most = Math.max(most, ++inFlight);
    setTimeout(() => {
      inFlight -= 1;
      res.end('ok');
    }, 50);
  });
  const key = await newKey({ maxConcurrency: 2 });
  const { body } = await service.call('POST', '/batchjobs', {
    apiKey: key,
    urls: Array.from({ length: 12 }, () => origin.url),
  });
  for (const { id } of body as { id: string }[])
    expect(await untilEnded(id)).toMatchObject({ status: 'finished', attempts: 1 });
  expect(most).toBe(2);
});

describe('Idempotency-Key', () => {
  const send = (path: string, body: object, key: string) =>
    service.call('POST', path, { apiKey: TEST_KEY, ...body }, { 'idempotency-key': key });

  test('the same key and body replay the first answer with the same ids; another body is a conflict', async () => {
    const origin = await startOrigin((_req, res) => res.end('ok'));
    for (const [path, body] of [
      ['/jobs', { url: origin.url, meta: 1 }],
      ['/batchjobs', { urls: [origin.url, origin.url], meta: 1 }],
    ] as const) {
      const first = await send(path, body, `k${path}`);
      const again = await send(path, body, `k${path}`);
      expect([first.status, again.status]).toEqual([200, 200]);
      expect(again.body).toEqual(first.body);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(again.headers.get('x-batch-id')).toBe(first.headers.get('x-batch-id'));
      expect(await send(path, { ...body, meta: 2 }, `k${path}`)).toMatchObject({
        status: 409,
        body: { code: 'idempotency_conflict' },
      });
    }
  });

  test('of many at once one is taken, the others replay it or are told to come back', async () => {
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('/jobs', { url: origin.url }, 'race')));
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    for (const { status, headers } of answers)
      if (status !== 200) expect([status, headers.get('retry-after')]).toEqual([409, '1']);
    const [row] = await service.db.database.query<{ n: number }>('select count(*) as n from jobs where url = $1', [
      origin.url,
    ]);
    expect(row?.n).toBe(1);
  });

  test('a key that is too long is refused', async () => {
    expect(await send('/jobs', { url: 'https://a.example/' }, 'x'.repeat(256))).toMatchObject({
      status: 400,
      body: { details: [{ path: 'Idempotency-Key' }] },
    });
  });

  test('a submission that was refused does not use its key up', async () => {
    const poor = await newKey({ creditLimit: 0 });
    const refused = () =>
      service.call('POST', '/jobs', { apiKey: poor, url: 'https://a.example/' }, { 'idempotency-key': 'again' });
    expect((await refused()).status).toBe(403);
    await service.db.database.query('update api_keys set credit_limit = 5');
    expect((await refused()).status).toBe(200);
    await service.db.database.query('update api_keys set credit_limit = null');
  });
});

test('a finished job has an ETag and answers 304 to it', async () => {
  const origin = await startOrigin((_req, res) => res.end('ok'));
  const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url });
  await untilEnded(body.id);
  const first = await service.call('GET', `/jobs/${body.id}`);
  const etag = first.headers.get('etag') ?? '';
  expect(etag).not.toBe('');
  const again = await service.call('GET', `/jobs/${body.id}`, undefined, { 'if-none-match': etag });
  expect([again.status, again.body]).toEqual([304, undefined]);
  const head = await service.call('GET', `/jobs/${body.id}?response=false`, undefined, { 'if-none-match': etag });
  expect(head.status).toBe(200);
  expect(head.body.response).not.toHaveProperty('body');
  expect(head.body.response.statusCode).toBe(200);
});
