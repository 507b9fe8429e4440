/** All examples tell one story: a page of a shop, a batch of two, and what became of them. */

export const API_KEY = 'your-api-key';
export const TARGET = 'https://shop.example/products/1';
const OTHER_TARGET = 'https://shop.example/products/2';
export const CALLBACK = 'https://receiver.example/callbacks';

export const JOB_ID = '01994f3c-5a10-7c3e-9b1d-3f6a2c480000';
export const BATCH_ID = '01994f3c-6f2b-7a41-8d05-e17b90c2ffff';
export const FORGOTTEN_BATCH_ID = '01994f3c-7a10-7c52-9b13-5d2f08a4ffff';
const memberId = (place: number): string => `${BATCH_ID.slice(0, -4)}000${place}`;

const ended = { finishedAt: '2026-03-02T09:30:04.512Z', expiresAt: '2026-03-05T09:30:04.512Z' };

export const requests = {
  oneUrl: { apiKey: API_KEY, url: TARGET },
  withOptions: {
    apiKey: API_KEY,
    url: TARGET,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-language': 'en' },
    body: '{"page":1}',
    callback: { type: 'webhook', url: CALLBACK },
    expectUnsuccessReport: true,
    timeoutSec: 3_600,
    meta: { order: 17 },
    apiParams: { keep_headers: true, device_type: 'mobile', retry_404: true, max_cost: 10 },
  },
  paramsBeside: { apiKey: API_KEY, url: TARGET, retry_404: 'true', follow_redirect: 'false' },
  batch: { apiKey: API_KEY, urls: [TARGET, OTHER_TARGET], apiParams: { device_type: 'desktop' }, meta: 'nightly' },
};

/** Creates the examples of jobs for a public address. */
export function jobExamples(publicUrl: string) {
  const statusUrl = `${publicUrl}/jobs/${JOB_ID}`;
  const accepted = { id: JOB_ID, attempts: 0, status: 'running', statusUrl, url: TARGET };
  const member = (place: number, url: string) => ({
    id: memberId(place),
    attempts: 0,
    status: 'running',
    statusUrl: `${publicUrl}/jobs/${memberId(place)}`,
    url,
    meta: 'nightly',
  });
  const lastFailure = { reason: 'throttled', statusCode: 429, at: '2026-03-02T09:30:00.120Z' };
  const attempt = {
    at: '2026-03-02T09:29:58.020Z',
    durationMs: 310,
    kind: 'throttled',
    statusCode: 429,
    engine: 'http',
  };
  const why = 'Another visitor might have got the page: the next attempt uses a connection of its own.';
  const tried = [
    { ...attempt, nextAt: '2026-03-02T09:29:59.700Z', next: { engine: 'http', why } },
    { ...attempt, at: '2026-03-02T09:29:59.705Z' },
  ];
  const response = {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'sa-final-url': TARGET,
      'sa-statuscode': '200',
      'sa-credit-cost': '1',
    },
    statusCode: 200,
    body: '<!doctype html><title>Product 1</title>',
    credits: 1,
  };
  const failed = {
    ...{ id: JOB_ID, attempts: 41, status: 'failed', failReason: 'failed_due_to_timeout', url: TARGET },
    ...{ lastFailure, ...ended },
  };
  const json = {
    ...response,
    headers: { ...response.headers, 'content-type': 'application/json' },
    body: { product: 1, price: '19.90' },
  };
  return {
    accepted: { ...accepted, supposedToRunAt: '2026-03-02T09:30:00.011Z' },
    acceptedBatch: [member(1, TARGET), member(2, OTHER_TARGET)],
    running: { ...accepted, attempts: 1, supposedToRunAt: '2026-03-02T09:30:02.204Z', lastFailure },
    finished: { ...accepted, attempts: 2, status: 'finished', response, ...ended, credits: 1 },
    finishedJson: { ...accepted, attempts: 1, status: 'finished', response: json, ...ended, credits: 1 },
    finishedWithout: {
      ...accepted,
      ...{ attempts: 1, status: 'finished', response, ignoredParams: ['country_code'], ...ended, credits: 1 },
    },
    failed,
    failedWithAttempts: { ...failed, attempts: 2, tried },
    cancelled: { id: JOB_ID, attempts: 1, status: 'cancelled', url: TARGET, ...ended },
  };
}

export const listedBatchExample = (publicUrl: string) => ({
  id: BATCH_ID,
  name: 'nightly',
  tags: ['shop'],
  status: 'running',
  counts: { total: 2, queued: 1, running: 0, finished: 1, failed: 0, cancelled: 0 },
  credits: 1,
  createdAt: '2026-03-02T09:30:00.011Z',
  resultsUrl: `${publicUrl}/batches/${BATCH_ID}/results`,
});

export const batchExample = (publicUrl: string) => ({
  ...listedBatchExample(publicUrl),
  failuresByReason: {},
  slowestHosts: [{ host: 'shop.example', attempts: 1, meanMs: 4_180 }],
  throughput: [{ minute: '2026-03-02T09:30:00.000Z', finished: 1, failed: 0 }],
  etaSeconds: 5,
});

/** A batch as lines, with options per URL. */
export const linesExample = [
  { url: TARGET, id: 'product-1' },
  {
    url: OTHER_TARGET,
    id: 'product-2',
    method: 'POST',
    body: '{"page":2}',
    headers: { 'content-type': 'application/json' },
  },
];

export const namedBatch = {
  apiKey: API_KEY,
  urls: [TARGET, OTHER_TARGET],
  ...{ name: 'nightly', tags: ['shop'], maxCredits: 100, maxPerHost: 5, dedupe: true },
  onDone: { type: 'webhook', url: CALLBACK },
};

export const DELIVERY_ID = '01994f3d-1c07-7b52-a1c4-6a0f2d9be310';

const delivery = { id: DELIVERY_ID, jobId: JOB_ID, event: 'job.finished', url: CALLBACK };

export const deliveryExamples = {
  pending: {
    ...delivery,
    status: 'pending',
    nextAttemptAt: '2026-03-02T09:30:10.002Z',
    createdAt: '2026-03-02T09:30:04.519Z',
    attemptCount: 1,
    attempts: [{ at: '2026-03-02T09:30:04.530Z', statusCode: 503, durationMs: 41, answer: 'in maintenance' }],
  },
  delivered: {
    ...delivery,
    id: '01994f3c-9e44-7f03-8b7a-51c2e86d4f02',
    status: 'delivered',
    createdAt: '2026-03-02T09:29:31.940Z',
    endedAt: '2026-03-02T09:29:32.015Z',
    attemptCount: 1,
    attempts: [{ at: '2026-03-02T09:29:31.951Z', statusCode: 200, durationMs: 58, answer: 'ok' }],
  },
  test: {
    id: DELIVERY_ID,
    event: 'test',
    url: CALLBACK,
    status: 'pending',
    nextAttemptAt: '2026-03-02T09:30:04.519Z',
    createdAt: '2026-03-02T09:30:04.519Z',
    attemptCount: 0,
    attempts: [],
  },
};

export const RECEIVER_ID = 'b1946ac92492d2347c6235b4d2611184';

const listedReceiver = {
  id: RECEIVER_ID,
  origin: new URL(CALLBACK).origin,
  health: 'probing',
  pending: 128,
  failingSince: '2026-03-02T09:12:41.003Z',
  nextCallAt: '2026-03-02T09:30:41.870Z',
  lastError: { at: '2026-03-02T09:25:40.112Z', error: 'ECONNREFUSED' },
  troubledUrls: 1,
};

export const receiverExamples = {
  listed: listedReceiver,
  probing: {
    ...listedReceiver,
    urls: [{ url: `${CALLBACK}/old`, health: 'stopped', since: '2026-03-01T17:04:09.551Z' }],
  },
};

export const hostExample = {
  host: new URL(TARGET).hostname,
  pace: { perSecond: 5 },
  concurrency: 8,
  restsUntil: '2026-03-02T09:31:04.512Z',
  throttledCount: 3,
  lastThrottledAt: '2026-03-02T09:30:04.512Z',
  proxies: [{ name: 'http://proxy-2.example:8080', tier: 'premium', country: 'de', score: 0.25 }],
};

export const usageExample = {
  items: [{ hour: '2026-03-02T09:00:00.000Z', credits: 412, finished: 398, failed: 3, cancelled: 0 }],
};

export const accountExample = {
  concurrencyLimit: 200,
  concurrentRequests: 2,
  failedRequestCount: 3,
  requestCount: 1_204,
  requestLimit: 100_000,
  burst: 100,
  subscriptionDate: '2026-01-15T08:00:00.000Z',
  creditsLeft: 98_510,
};

export const KEY_ID = '0b9d5c1e-8a63-4f27-9c41-7e20d6b3f518';

export const keyExample = {
  id: KEY_ID,
  name: 'prices',
  isAdmin: false,
  createdAt: '2026-01-15T08:00:00.000Z',
  limits: { credits: 100_000, submitsPerSecond: 100, maxUnfinished: 250_000 },
  usage: { credits: 1_204, reserved: 2, unfinished: 2, finished: 1_180, failed: 3, cancelled: 0 },
};

/** Wraps each example as `{ value }`, the form that OpenAPI expects. */
export const named = (examples: Readonly<Record<string, unknown>>): Record<string, { value: unknown }> =>
  Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
