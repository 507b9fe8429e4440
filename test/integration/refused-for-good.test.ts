import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { findBrowser } from '../../src/fetch/browser/find-browser';
import { startConnectProxy } from '../support/connect-proxy';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { ATTEMPT_TIMEOUT_SEC: '20' } });
});
afterAll(() => service.stop());

/** With so little time the confirmation is made after 2 s instead of a minute. */
const SHORT = { timeoutSec: 25 };

const answering =
  (statusCode: number, headers: Record<string, string> = {}): RequestListener =>
  (_req, res) => {
    res.writeHead(statusCode, headers);
    res.end('no');
  };

async function submit(body: Record<string, unknown>, to = service): Promise<string> {
  const answer = await to.call('POST', '/jobs', { apiKey: TEST_KEY, ...body });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.id as string;
}

const when = (id: string, is: (job: Record<string, unknown>) => boolean, of = service) =>
  waitFor(async () => {
    const job = (await of.call('GET', `/jobs/${id}`)).body;
    return is(job) ? job : undefined;
  });
const ended = (id: string, of = service) => when(id, ({ status }) => status !== 'running', of);

test.each([
  [402, 'payment_required'],
  [451, 'unavailable_for_legal_reasons'],
])('a %d is confirmed once and then final, and costs nothing', async (statusCode, failReason) => {
  const origin = await startOrigin(answering(statusCode));
  const creditsLeft = async () =>
    (await service.call('GET', `/account?api_key=${TEST_KEY}`)).body.creditsLeft as number;
  const before = await creditsLeft();
  const job = await ended(await submit({ url: origin.url, ...SHORT }));
  expect(job).toMatchObject({
    status: 'failed',
    failReason,
    attempts: 2,
    lastFailure: { reason: 'refused', statusCode },
  });
  expect(job).not.toHaveProperty('response');
  expect(origin.requests).toHaveLength(2);
  expect(await creditsLeft()).toBe(before);
});

test('with time enough the confirmation comes after a minute', async () => {
  const origin = await startOrigin(answering(402, { 'crawler-price': 'USD 0.01', link: '</terms>; rel="license"' }));
  const id = await submit({ url: `${origin.url}/page` });
  const { status, lastFailure, supposedToRunAt } = await when(id, (job) => job['lastFailure'] !== undefined);
  expect(status).toBe('running');
  expect(lastFailure).toMatchObject({ crawlerPrice: 'USD 0.01', termsUrl: `${origin.url}/terms` });
  const waitMs = Date.parse(supposedToRunAt) - Date.parse(lastFailure.at);
  expect(waitMs).toBeGreaterThanOrEqual(60_000);
  expect(waitMs).toBeLessThan(67_000);
  await service.call('DELETE', `/jobs/${id}`);
});

test('price and terms are those of the page where the redirects ended, and no payment is offered', async () => {
  const paywall = await startOrigin(
    answering(402, { 'crawler-price': 'USD 0.50', link: '<terms.html>; rel="terms-of-service"' }),
  );
  const origin = await startOrigin(
    answering(302, { location: `${paywall.url}/articles/1`, link: '</wrong>; rel=license' }),
  );
  const job = await ended(await submit({ url: origin.url, ...SHORT }));
  expect(job).toMatchObject({
    failReason: 'payment_required',
    lastFailure: { crawlerPrice: 'USD 0.50', termsUrl: `${paywall.url}/articles/terms.html` },
  });
  const sent = JSON.stringify(paywall.requests.map(({ rawHeaders }) => rawHeaders)).toLowerCase();
  expect(sent).not.toMatch(/crawler-(max|exact)-price|payment/);
});

test('a page that comes with the confirmation finishes the job', async () => {
  let visits = 0;
  const origin = await startOrigin((req, res) => answering((visits += 1) === 1 ? 451 : 200)(req, res));
  const id = await submit({ url: origin.url, ...SHORT });
  expect(await ended(id)).toMatchObject({ status: 'finished', attempts: 2, credits: 1 });
});

test('other trouble in between does not begin the count anew', async () => {
  const statuses = [402, 503, 500, 402];
  const origin = await startOrigin((req, res) => answering(statuses.shift() ?? 200)(req, res));
  const job = await ended(await submit({ url: origin.url, ...SHORT }));
  expect(job).toMatchObject({ status: 'failed', failReason: 'payment_required', attempts: 4 });
});

test('a 402 and a 451 do not confirm each other', async () => {
  const statuses = [402, 451, 200];
  const origin = await startOrigin((req, res) => answering(statuses.shift() ?? 500)(req, res));
  expect(await ended(await submit({ url: origin.url, ...SHORT }))).toMatchObject({ status: 'finished', attempts: 3 });
});

test('time that is over before the confirmation is a time-out', async () => {
  const origin = await startOrigin(answering(402));
  const job = await ended(await submit({ url: origin.url, timeoutSec: 2 }));
  expect(job).toMatchObject({
    ...{ status: 'failed', failReason: 'failed_due_to_timeout' },
    lastFailure: { reason: 'refused', statusCode: 402 },
  });
});

test.each([402, 451])('whoever calls %d a success gets the page', async (status) => {
  const origin = await startOrigin(answering(status));
  const job = await ended(await submit({ url: origin.url, successWhen: { status: [200, status] } }));
  expect(job).toMatchObject({
    status: 'finished',
    attempts: 1,
    credits: 0,
    response: { statusCode: status, body: 'no' },
  });
});

test.each([402, 451])("a vendor's challenge with %d is a block, and tried again", async (status) => {
  const origin = await startOrigin(answering(status, { 'cf-mitigated': 'challenge', 'crawler-price': 'USD 1' }));
  const id = await submit({ url: origin.url, ...SHORT });
  expect(await when(id, ({ attempts }) => Number(attempts) >= 3)).toMatchObject({
    ...{ status: 'running', lastFailure: { reason: 'blocked', detail: 'cloudflare', statusCode: status } },
  });
  await service.call('DELETE', `/jobs/${id}`);
});

test('in a session it is the same, and the session is kept', async () => {
  const origin = await startOrigin(answering(402, { 'set-cookie': 'a=1; Path=/' }));
  const id = await submit({ url: origin.url, ...SHORT, apiParams: { session_number: 4 } });
  expect(await ended(id)).toMatchObject({ failReason: 'payment_required', attempts: 2 });
  expect(origin.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'a=1']);
});

test.each(['jobs', 'sweep'])(
  'URLs of a batch (%s) end so, each for itself, and the batch counts why',
  async (fanOut) => {
    const origin = await startOrigin((req, res) => {
      const status = Number(req.url?.slice(1));
      answering(status, status === 451 ? { link: '<https://law.example/>; rel=blocked-by' } : {})(req, res);
    });
    const urls = [200, 402, 451].map((status) => `${origin.url}/${status}`);
    const receiver = await createReceiver();
    const answer = await service.call('POST', '/batchjobs', {
      ...{ apiKey: TEST_KEY, urls, fanOut, ...SHORT },
      ...{ callback: { type: 'webhook', url: receiver.url }, expectUnsuccessReport: true },
    });
    const jobs = await Promise.all(answer.body.map(({ id }: { id: string }) => ended(id)));
    expect(jobs).toMatchObject([
      { status: 'finished', attempts: 1 },
      { status: 'failed', attempts: 2, failReason: 'payment_required' },
      {
        ...{ status: 'failed', attempts: 2, failReason: 'unavailable_for_legal_reasons' },
        lastFailure: { blockedByUrl: 'https://law.example/' },
      },
    ]);
    const batch = answer.headers.get('x-batch-id') ?? '';
    const read = async () => (await service.call('GET', `/batches/${batch}?api_key=${TEST_KEY}`)).body;
    expect(await waitFor(async () => ((await read()).status === 'finished' ? read() : undefined))).toMatchObject({
      ...{ counts: { finished: 1, failed: 2 }, credits: 1 },
      failuresByReason: { payment_required: 1, unavailable_for_legal_reasons: 1 },
    });
    await waitFor(() => receiver.calls.length === 3);
    const told = receiver.calls.map(({ body }) => body.failReason as unknown);
    expect(new Set(told)).toEqual(new Set([undefined, 'payment_required', 'unavailable_for_legal_reasons']));
  },
);

test('a Temporal client is told so by the result of its workflow', async () => {
  const origin = await startOrigin(answering(402));
  const ending: unknown = await service.client.workflow.execute('scrapeJob', {
    ...{ workflowId: `mine-${randomUUID()}`, taskQueue: `${service.queuePrefix}-jobs` },
    args: [{ url: origin.url, ...SHORT }],
  });
  expect(ending).toMatchObject({ status: 'failed', failReason: 'payment_required', attempts: 2 });
});

const testWithBrowser = findBrowser('auto') === undefined ? test.skip : test;

testWithBrowser('a browser that is refused says the same', async () => {
  const origin = await startOrigin(
    answering(402, { 'crawler-price': 'USD 2', link: '</t>; rel=license', 'content-type': 'text/html' }),
  );
  const job = await ended(await submit({ url: `${origin.url}/page`, timeoutSec: 32, apiParams: { render: true } }));
  expect(job).toMatchObject({
    ...{ failReason: 'payment_required', attempts: 2 },
    lastFailure: { crawlerPrice: 'USD 2', termsUrl: `${origin.url}/t` },
  });
});

test('the confirmation goes another way where there is one', async () => {
  const proxies = await Promise.all([startConnectProxy(), startConnectProxy()]);
  const PROXIES = proxies.map(({ port }) => `http://127.0.0.1:${port}`).join('\n');
  const proxied = await startTestService({ env: { PROXIES, BROWSER: 'off' } });
  try {
    let visits = 0;
    const origin = await startOrigin((req, res) => answering((visits += 1) === 1 ? 451 : 200)(req, res));
    expect(await ended(await submit({ url: origin.url, ...SHORT }, proxied), proxied)).toMatchObject({
      ...{ status: 'finished', attempts: 2 },
    });
    expect(proxies.map(({ targets }) => targets.length)).toEqual([1, 1]);
  } finally {
    await proxied.stop();
  }
});
