import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off' } });
});
afterAll(() => service.stop());

async function submit(body: Record<string, unknown>): Promise<string> {
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, ...body });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.id as string;
}

const read = async (id: string) => (await service.call('GET', `/jobs/${id}`)).body;

const ended = (id: string) =>
  waitFor(async () => {
    const job = await read(id);
    return job.status === 'running' ? undefined : job;
  });

const afterFailure = (id: string) =>
  waitFor(async () => {
    const job = await read(id);
    return job.lastFailure === undefined ? undefined : job;
  });

const PAGE = `<html><head><title>Kettle</title><meta property="og:type" content="product"></head>
<body><h1>Kettle</h1><p class="price">12 €</p><script>var x = 1;</script></body></html>`;
const shop = () =>
  startOrigin((_req, res) => {
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.setHeader('etag', '"html"');
    res.end(PAGE);
  });

test('markdown is kept instead of the page, with its own type', async () => {
  const origin = await shop();
  const id = await submit({ url: `${origin.url}/`, apiParams: { output_format: 'markdown' } });
  const { response } = await ended(id);
  expect(response.body).toBe('# Kettle\n\n12 €');
  expect(response.headers).toMatchObject({ 'content-type': 'text/markdown; charset=utf-8', 'sa-statuscode': '200' });
  expect(response.headers).not.toHaveProperty('etag');
  const body = await service.call('GET', `/jobs/${id}/body`);
  expect(body.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(body.body).toBe('# Kettle\n\n12 €');
});

test('autoparse gives an object, in the status and in the results of a batch', async () => {
  const origin = await shop();
  const answer = await service.call('POST', '/batchjobs', {
    ...{ apiKey: TEST_KEY, urls: [`${origin.url}/`], apiParams: { autoparse: 'true', output_format: 'json' } },
  });
  const job = await ended(answer.body[0].id as string);
  expect(job.response.body).toMatchObject({ title: 'Kettle' });
  const batch = answer.headers.get('x-batch-id') ?? '';
  const [line] = (await service.call('GET', `/batches/${batch}/results?api_key=${TEST_KEY}`)).body;
  expect(line.response.body).toEqual(job.response.body);
});

test.each([
  [{ contains: 'Add to cart' }, 'contains "Add to cart"'],
  [{ notContains: ['Kettle'] }, 'notContains "Kettle"'],
  [{ selector: '.price > b' }, 'selector ".price > b"'],
  [{ minBytes: 1_000 }, /^minBytes 1000, got \d+$/],
  [{ status: 201 }, 'status 201, got 200'],
])('a page that does not meet %j is fetched again', async (successWhen, rule) => {
  const origin = await shop();
  const id = await submit({ url: `${origin.url}/`, successWhen });
  const { lastFailure, status } = await afterFailure(id);
  expect([status, lastFailure.reason, lastFailure.statusCode]).toEqual(['running', 'unsuccessful', 200]);
  expect(lastFailure.detail).toEqual(rule instanceof RegExp ? expect.stringMatching(rule) : rule);
  await service.call('DELETE', `/jobs/${id}`);
});

test('a page that meets its rule is a success, whatever its status, and costs nothing with one that is not charged', async () => {
  const origin = await startOrigin((_req, res) => res.writeHead(403).end('<p>the members only page</p>'));
  const id = await submit({ url: `${origin.url}/`, successWhen: { status: [403], contains: ['members only'] } });
  expect(await ended(id)).toMatchObject({ status: 'finished', credits: 0, response: { statusCode: 403 } });
});

test('a block tells which marker decided', async () => {
  const origin = await startOrigin((_req, res) => res.writeHead(403, { 'cf-mitigated': 'challenge' }).end());
  const id = await submit({ url: `${origin.url}/` });
  const { lastFailure } = await afterFailure(id);
  expect(lastFailure).toMatchObject({
    reason: 'blocked',
    detail: 'cloudflare',
    signal: 'cf-mitigated',
    statusCode: 403,
  });
  await service.call('DELETE', `/jobs/${id}`);
});

test('jobs of a session share cookies, others do not', async () => {
  const origin = await startOrigin((req, res) => {
    res.setHeader('set-cookie', ['visit=1; Path=/', `path=${req.url?.slice(1) ?? ''}; Path=/`]);
    res.end(req.headers.cookie ?? 'none');
  });
  const fetched = async (path: string, session?: number) => {
    const apiParams = session === undefined ? {} : { session_number: session };
    return (await ended(await submit({ url: `${origin.url}/${path}`, apiParams }))).response.body;
  };
  expect(await fetched('a', 7)).toBe('none');
  expect(await fetched('b', 7)).toBe('visit=1; path=a');
  expect(await fetched('c', 8)).toBe('none');
  expect(await fetched('d')).toBe('none');
  expect(await fetched('e', 7)).toBe('visit=1; path=b');
});

test('the next attempt after a block is made in another way, also by another worker', async () => {
  const origin = await startOrigin((req, res) => {
    const count = origin.requests.filter(({ url }) => url === req.url).length;
    if (count < 3) res.writeHead(403, { 'content-type': 'text/html' }).end('<p>Please verify you are human</p>');
    else res.end('through');
  });
  const id = await submit({ url: `${origin.url}/` });
  await ended(id);
  const agents = origin.requests.map(({ headers }) =>
    /firefox/i.test(headers['user-agent'] ?? '') ? 'firefox' : 'chrome',
  );
  expect(agents).toEqual(['chrome', 'chrome', 'firefox']);
});

test.each([
  ['render', { render: true }],
  ['wait_for_selector', { wait_for_selector: '.a' }],
  ['premium', { premium: true }],
  ['country_code', { country_code: 'de' }],
])('%s is refused where there is nothing for it', async (name, apiParams) => {
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/', apiParams });
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'feature_not_configured', details: [{ path: `apiParams.${name}` }] },
  });
});

test.each([
  [{ successWhen: { contain: 'x' } }, 'successWhen.contain'],
  [{ successWhen: {} }, 'successWhen'],
  [{ successWhen: { selector: 'a[' } }, 'successWhen.selector'],
  [{ successWhen: { status: 99 } }, 'successWhen.status[0]'],
  [{ apiParams: { instruction_set: [{ type: 'click' }] } }, 'apiParams.instruction_set[0].selector'],
  [{ apiParams: { output_format: 'json' } }, 'apiParams.output_format'],
])('%j is refused by its path', async (body, path) => {
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'https://a.example/', ...body });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', details: [{ path }] } });
});
