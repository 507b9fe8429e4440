import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { countRows } from '../support/count-rows';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off', SYNC_WAIT_SEC: '20' } });
});
afterAll(() => service.stop());

const scrape = (body: object, query = '', headers = {}) =>
  service.call('POST', `/scrape${query}`, { apiKey: TEST_KEY, ...body }, headers);

/** Answers nothing until it is told to. */
function holding() {
  let answer: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (answer = resolve));
  return { answer: () => answer(), origin: startOrigin((_req, res) => void told.then(() => res.end('late'))) };
}

test('the answer is the job object once the job has ended, however it ends', async () => {
  const origin = await startOrigin((req, res) =>
    req.url === '/bad' ? res.writeHead(302, { location: 'http://10.0.0.1/' }).end() : res.end(`page ${req.url}`),
  );
  const meta = { mine: 1 };
  const { status, body } = await scrape({ url: `${origin.url}/x`, meta });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'finished',
    url: `${origin.url}/x`,
    meta,
    response: { body: 'page /x', statusCode: 200 },
  });
  expect((await service.call('GET', `/jobs/${body.id}`)).body).toEqual(body);
  const failed = await scrape({ url: `${origin.url}/bad` }, '?wait=20');
  expect([failed.status, failed.body.status, failed.body.failReason]).toEqual([200, 'failed', 'forbidden_target']);
});

test('a job that takes longer is answered as it is, goes on, and can be cancelled by somebody else', async () => {
  const { answer, origin } = holding();
  const url = `${(await origin).url}/slow`;
  const early = await scrape({ url }, '?wait=1');
  expect(early.status).toBe(202);
  expect(early.headers.get('location')).toBe(`/jobs/${early.body.id}`);
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(early.body).toMatchObject({ status: 'running', url });

  // The same request again waits for the same job.
  const key = { 'idempotency-key': 'one' };
  const first = await scrape({ url }, '?wait=1', key);
  const again = scrape({ url }, '', key);
  answer();
  expect(await again).toMatchObject({ status: 200, body: { id: first.body.id, status: 'finished' } });
  expect((await again).headers.get('idempotency-replayed')).toBe('true');
  await waitFor(async () => (await service.call('GET', `/jobs/${early.body.id}`)).body.status === 'finished');
});

test('a client that goes away does not end the job, and one that waits hears of a cancellation', async () => {
  const { answer, origin } = holding();
  const { url } = await origin;
  const left = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const gone = fetch(`${service.url}/scrape`, {
    ...{ method: 'POST', headers, signal: left.signal },
    body: JSON.stringify({ apiKey: TEST_KEY, url: `${url}/gone` }),
  });
  await waitFor(async () => (await origin).requests.length === 1);
  left.abort();
  await expect(gone).rejects.toThrow();

  const waiting = scrape({ url: `${url}/cancelled` }, '?wait=30');
  const [row] = await waitFor(async () => {
    const rows = await service.db.database.query<{ id: string }>('select id from jobs where url = $1', [
      `${url}/cancelled`,
    ]);
    return rows.length > 0 && rows;
  });
  await service.call('DELETE', `/jobs/${row?.id}`);
  expect(await waiting).toMatchObject({ status: 200, body: { id: row?.id, status: 'cancelled' } });

  answer();
  await waitFor(async () => {
    const [job] = await service.db.database.query('select status from jobs where url = $1', [`${url}/gone`]);
    return job?.['status'] === 'finished';
  });
});

test.each([
  ['', { url: undefined }, 400, 'invalid_url'],
  ['', { url: 'ftp://x' }, 400, 'invalid_url'],
  ['', { url: undefined, urls: ['http://127.0.0.1/'] }, 400, 'invalid_request'],
  ['', { colour: 'red' }, 400, 'invalid_request'],
  ['', { apiParams: { rendr: true } }, 400, 'invalid_request'],
  ['', { render: true }, 400, 'feature_not_configured'],
  ['', { url: 'http://10.0.0.1/' }, 403, 'forbidden_target'],
  ['', { apiParams: { max_cost: 0.5 } }, 403, 'max_cost_exceeded'],
  ['', { apiKey: 'nobodys' }, 401, 'unknown_api_key'],
  ['', { apiKey: undefined }, 401, 'missing_api_key'],
  ['?wait=0', {}, 400, 'invalid_request'],
  ['?wait=121', {}, 400, 'invalid_request'],
  ['?wait=soon', {}, 400, 'invalid_request'],
  ['?wait=1&wait=2', {}, 400, 'invalid_request'],
  ['?colour=red', {}, 400, 'invalid_request'],
])('%s %j is refused, and no job is made', async (query, body, status, code) => {
  const before = await countRows(service.db.database);
  const answer = await scrape({ url: 'http://127.0.0.1:9/', ...body }, query);
  expect(answer).toMatchObject({ status, body: { code, status } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await countRows(service.db.database)).toBe(before);
});
