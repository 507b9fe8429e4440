import { randomUUID } from 'node:crypto';
import type { BatchEnding, JobEnding } from '../../src';
import { taskQueues } from '../../src';
import { createNoteIgnored } from '../../src/telemetry/note-ignored';
import { collectLogs } from '../support/collect-logs';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

// A new installation has neither a browser nor proxies, and the samples of the hosted service ask for both.

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off', MISSING_FEATURES: 'ignore' } });
});
afterAll(() => service.stop());

const page = () => startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<h1>page</h1>'));
const submit = (path: string, body: object, headers?: Record<string, string>) =>
  service.call('POST', path, { apiKey: TEST_KEY, ...body }, headers);
const jobOf = async (id: string) => (await service.call('GET', `/jobs/${id}`)).body;
const ended = (id: string) =>
  waitFor(async () => {
    const job = await jobOf(id);
    return job.status !== 'running' && job;
  });

/** What the documentation of the hosted service shows, with another URL. */
const samples: [string, Record<string, unknown>, string[]][] = [
  ['a URL alone', {}, []],
  [
    'all parameters',
    {
      apiParams: {
        ...{ autoparse: false, binary_target: false, country_code: 'us', device_type: 'desktop' },
        ...{ follow_redirect: false, premium: true, render: false, retry_404: false },
      },
    },
    ['premium', 'country_code'],
  ],
  [
    'all parameters as texts',
    {
      apiParams: {
        ...{ autoparse: 'false', binary_target: 'false', country_code: 'us', device_type: 'desktop' },
        ...{ follow_redirect: 'false', premium: 'true', render: 'false', retry_404: 'false' },
      },
    },
    ['premium', 'country_code'],
  ],
  [
    'a browser that waits and takes a picture',
    {
      apiParams: {
        ...{ keep_headers: true, render: true, wait_for_selector: '.price', screenshot: true, ultra_premium: true },
        ...{ output_format: 'text' },
      },
      expectUnsuccessReport: true,
      timeoutSec: '600',
    },
    ['render', 'wait_for_selector', 'screenshot', 'ultra_premium'],
  ],
  [
    'steps',
    { apiParams: { instruction_set: '[{"type":"click","selector":{"type":"css","value":"a"}}]', session_number: 3 } },
    ['instruction_set'],
  ],
];

test.each(samples)('%s is fetched without what is missing, which is named', async (_what, body, missing) => {
  const origin = await page();
  const answer = await submit('/jobs', { url: origin.url, ...body });
  expect(answer.status).toBe(200);
  const named = missing.length === 0 ? undefined : missing;
  expect(answer.headers.get('x-ignored-parameters')).toBe(named?.map((name) => `apiParams.${name}`).join(', ') ?? null);
  expect(answer.body.ignoredParams).toEqual(named);
  const job = await ended(answer.body.id);
  expect(job).toMatchObject({ status: 'finished', credits: 1, response: { statusCode: 200, credits: 1 } });
  expect(job.ignoredParams).toEqual(named);
  expect(origin.requests).toHaveLength(1);
});

test('parameters beside apiParams and in a header are named where they stand', async () => {
  const origin = await page();
  const steps = { 'x-sapi-instruction_set': '[{"type":"wait","value":1}]' };
  const body = { url: origin.url, premium: 'true', render: true, wibble: 1, apiParams: { render: 'true', rendr: 1 } };
  const answer = await submit('/jobs', body, steps);
  expect(answer.headers.get('x-ignored-parameters')).toBe(
    'wibble, apiParams.rendr, apiParams.render, render, instruction_set, premium',
  );
  expect((await ended(answer.body.id)).ignoredParams).toEqual(['render', 'instruction_set', 'premium']);
});

test('every state names them, and so do the callbacks, the batch and the stream', async () => {
  const good = await page();
  const bad = await startOrigin((_req, res) => res.writeHead(500).end());
  const receiver = await createReceiver();
  const callback = { type: 'webhook', url: receiver.url };
  const common = { apiParams: { country_code: 'de' }, callback, expectUnsuccessReport: true };
  const batch = await submit('/batchjobs', { urls: [good.url, bad.url], timeoutSec: 8, ...common });
  const ids = batch.body.map(({ id }: { id: string }) => id);
  for (const element of batch.body) expect(element.ignoredParams).toEqual(['country_code']);
  const slow = await submit('/jobs', { url: bad.url, ...common });
  expect(await jobOf(slow.body.id)).toMatchObject({ status: 'running', ignoredParams: ['country_code'] });
  const cancelled = await service.call('DELETE', `/jobs/${slow.body.id}`);
  expect(cancelled.body).toMatchObject({ status: 'cancelled', ignoredParams: ['country_code'] });
  const jobs = [await ended(ids[0]), await ended(ids[1])];
  expect(jobs.map(({ status }) => status)).toEqual(['finished', 'failed']);
  for (const job of jobs) expect(job.ignoredParams).toEqual(['country_code']);
  await waitFor(() => receiver.calls.length === 3);
  for (const { body } of receiver.calls) expect(body.ignoredParams).toEqual(['country_code']);
  const path = `/batches/${batch.headers.get('x-batch-id')}/results?api_key=${TEST_KEY}`;
  const { body: lines } = await service.call('GET', path);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.ignoredParams).toEqual(['country_code']);
});

test('the price is that of what is done, and what it would be otherwise can be asked', async () => {
  const origin = await page();
  const body = { url: origin.url, apiParams: { ultra_premium: true, render: true, max_cost: 1 } };
  const { body: job } = await submit('/jobs', body);
  expect(await ended(job.id)).toMatchObject({ credits: 1, ignoredParams: ['render', 'ultra_premium'] });
  const query = `api_key=${TEST_KEY}&url=${origin.url}&ultra_premium=true&render=true`;
  expect((await service.call('GET', `/account/urlcost?${query}`)).body).toEqual({ cost: 75, credits: 75 });
});

test('the first answer is given again as it was', async () => {
  const origin = await page();
  const body = { url: origin.url, apiParams: { premium: true } };
  const key = { 'idempotency-key': randomUUID() };
  const first = await submit('/jobs', body, key);
  await ended(first.body.id);
  const again = await submit('/jobs', body, key);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.body).toEqual(first.body);
  expect(first.body.supposedToRunAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test.each([[{ premium: true, ultra_premium: true }], [{ premium: 'true', ultra_premium: 'true' }]])(
  '%j stays an error that says which to drop',
  async (apiParams) => {
    const answer = await submit('/jobs', { url: 'https://a.example/', apiParams });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.error).toContain('drop premium');
  },
);

test('jobs and batches that a Temporal client starts are fetched without it, too', async () => {
  const origin = await page();
  const { workflow } = service.client;
  const queues = taskQueues(service.queuePrefix);
  const request = { render: true, apiParams: { premium: true, country_code: '' } };
  const ending: JobEnding = await workflow.execute('scrapeJob', {
    workflowId: `mine-${randomUUID()}`,
    taskQueue: queues.jobs,
    args: [{ url: origin.url, ...request }],
  });
  expect(ending.status).toBe('finished');
  expect(await jobOf(ending.jobId)).toMatchObject({ ignoredParams: ['render', 'premium'], credits: 1 });
  for (const fanOut of ['jobs', 'sweep']) {
    const batch: BatchEnding = await workflow.execute('scrapeBatch', {
      workflowId: `mine-${randomUUID()}`,
      taskQueue: queues.sweeps,
      args: [{ urls: [origin.url, `${origin.url}/2`], fanOut, ...request }],
    });
    expect(batch).toMatchObject({ total: 2, finished: 2 });
    expect(await jobOf(batch.batchId.replace(/ffff$/, '0001'))).toMatchObject({ ignoredParams: ['render', 'premium'] });
  }
});

describe('by default', () => {
  let refusing: TestService;
  beforeAll(async () => {
    refusing = await startTestService({ env: { BROWSER: 'off' } });
  });
  afterAll(() => refusing.stop());

  test.each([
    [{ render: true }, 'apiParams.render', 'BROWSER'],
    [{ premium: 'true' }, 'apiParams.premium', 'PROXIES'],
    [{ country_code: 'us' }, 'apiParams.country_code', 'PROXIES'],
  ])('%j is refused, and the error names what to set', async (apiParams, path, setting) => {
    const answer = await refusing.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/', apiParams });
    expect(answer).toMatchObject({ status: 400, body: { code: 'feature_not_configured', details: [{ path }] } });
    expect(answer.body.error).toContain(setting);
    expect(answer.body.error).toContain('MISSING_FEATURES=ignore');
  });

  test('a Temporal client that asks for a browser is told at once', async () => {
    const started = refusing.client.workflow.execute('scrapeJob', {
      workflowId: `mine-${randomUUID()}`,
      taskQueue: taskQueues(refusing.queuePrefix).jobs,
      args: [{ url: 'https://a.example/', render: true }],
    });
    await expect(started).rejects.toMatchObject({ cause: { type: 'invalid_request' } });
  });
});

test('an API that has not heard of any worker leaves nothing out', async () => {
  const alone = await startTestService({ roles: ['api'], env: { MISSING_FEATURES: 'ignore' } });
  try {
    const body = { apiKey: TEST_KEY, url: 'https://a.example/', render: true };
    expect(await alone.call('POST', '/jobs', body)).toMatchObject({
      status: 400,
      body: { code: 'feature_not_configured' },
    });
  } finally {
    await alone.stop();
  }
});

test('the log tells once per key and parameter', () => {
  const { logger, entries } = collectLogs();
  const note = createNoteIgnored(logger);
  for (let turn = 0; turn < 3; turn += 1) {
    note('key-1', ['premium', 'render']);
    note('key-2', ['render']);
  }
  expect(entries).toMatchObject([
    { api_key_id: 'key-1', param: 'premium' },
    { api_key_id: 'key-1', param: 'render' },
    { api_key_id: 'key-2', param: 'render' },
  ]);
});
