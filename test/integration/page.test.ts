import { gzipSync } from 'node:zlib';
import { countRows } from '../support/count-rows';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

// `GET|POST|PUT /?api_key=&url=&…`: the page itself, as the hosted service answers it.

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off', SYNC_WAIT_SEC: '10' } });
});
afterAll(() => service.stop());

const at = (params: Record<string, string>) =>
  `${service.url}/?${new URLSearchParams({ api_key: TEST_KEY, ...params }).toString()}`;

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const html = '<!doctype html><title>Übersicht</title><h1>Hello</h1>';

const startPages = () =>
  startOrigin((req, res) => {
    if (req.url === '/png') return void res.writeHead(200, { 'content-type': 'image/png' }).end(png);
    if (req.url === '/latin')
      return void res
        .writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1', etag: '"1"', 'set-cookie': 'a=b' })
        .end(Buffer.from('Grüße', 'latin1'));
    if (req.url === '/gzip')
      return void res.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(gzipSync(html));
    if (req.url === '/missing') return void res.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
    if (req.url === '/moved') return void res.writeHead(302, { location: '/png' }).end();
    if (req.url === '/never') return;
    if (req.url === '/forbidden') return void res.writeHead(302, { location: 'http://10.0.0.1/' }).end();
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const { method, headers } = req;
      const text = JSON.stringify({ method, headers, body: Buffer.concat(parts).toString() });
      res.writeHead(200, { 'content-type': 'application/json' }).end(text);
    });
  });

test('the answer is the page with its bytes, type and status, whatever it is', async () => {
  const origin = await startPages();
  const get = (path: string, more = {}) => fetch(at({ url: origin.url + path, ...more }), { redirect: 'manual' });
  const latin = await get('/latin');
  expect([latin.status, latin.headers.get('content-type')]).toEqual([200, 'text/html; charset=iso-8859-1']);
  expect(Buffer.from(await latin.arrayBuffer()).toString('latin1')).toBe('Grüße');
  expect(Object.fromEntries(latin.headers)).toMatchObject({
    ...{ 'sa-final-url': `${origin.url}/latin`, 'sa-statuscode': '200', 'sa-credit-cost': '1', etag: '"1"' },
    ...{ 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' },
  });
  expect(latin.headers.get('set-cookie')).toBeNull();

  const image = await get('/png');
  expect(image.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await image.arrayBuffer()).equals(png)).toBe(true);
  expect(await (await get('/gzip')).text()).toBe(html);
  const plain = await fetch(at({ url: `${origin.url}/gzip` }), { headers: { 'accept-encoding': 'identity' } });
  expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, html]);

  const missing = await get('/missing');
  expect([missing.status, await missing.text()]).toEqual([404, 'not here']);
  const moved = await get('/moved');
  expect([moved.status, moved.headers.get('sa-final-url')]).toEqual([200, `${origin.url}/png`]);
  const kept = await get('/moved', { follow_redirect: 'false' });
  expect([kept.status, kept.headers.get('location'), kept.headers.get('sa-statuscode')]).toEqual([302, '/png', '302']);
  const head = await fetch(at({ url: `${origin.url}/latin` }), { method: 'HEAD' });
  expect([head.status, head.headers.get('sa-statuscode')]).toEqual([200, '200']);

  const markdown = await get('/gzip', { output_format: 'markdown' });
  expect([markdown.headers.get('content-type'), await markdown.text()]).toEqual([
    'text/markdown; charset=utf-8',
    expect.stringContaining('# Hello'),
  ]);
  const parsed = await get('/gzip', { autoparse: 'true' });
  expect(await parsed.json()).toMatchObject({ title: 'Übersicht' });
  expect(parsed.headers.get('content-type')).toMatch(/^application\/json/);
});

test('a body and its type go to the target, the other headers only when they are to be kept', async () => {
  const origin = await startPages();
  const send = async (
    method: string,
    params: Record<string, string>,
    headers: Record<string, string>,
    body?: string,
  ) => {
    const answer = await fetch(at({ url: `${origin.url}/echo`, ...params }), {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { method: string; headers: Record<string, string>; body: string };
  };
  const json = '{"apiKey":"the target\'s","url":"ü"}';
  const posted = await send('POST', {}, { 'content-type': 'application/json', 'x-mine': '1' }, json);
  expect(posted).toMatchObject({ method: 'POST', body: json, headers: { 'content-type': 'application/json' } });
  expect(posted.headers['x-mine']).toBeUndefined();
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Bearer theirs', 'x-mine': '1' };
  const put = await send('PUT', { keep_headers: 'true' }, form, 'a=1&b=2');
  expect(put).toMatchObject({ method: 'PUT', body: 'a=1&b=2', headers: { ...form, host: `127.0.0.1:${origin.port}` } });
  expect(put.headers['x-forwarded-for']).toBeUndefined();

  // A key in a header does not go to the target, even where headers are kept.
  const own = new URL(at({ url: `${origin.url}/echo`, keep_headers: 'true' }));
  own.searchParams.delete('api_key');
  const headers = { authorization: `Bearer ${TEST_KEY}`, 'x-mine': '2' };
  const echoed = (await (await fetch(own, { headers })).json()) as { headers: Record<string, string> };
  expect(echoed.headers).toMatchObject({ 'x-mine': '2' });
  expect(JSON.stringify(echoed)).not.toContain(TEST_KEY);
});

test('when the time is over the answer is 500 with a sentence, and nothing is charged or goes on', async () => {
  const origin = await startPages();
  const answer = await fetch(at({ url: `${origin.url}/never`, colour: 'red' }));
  expect(answer.status).toBe(500);
  expect(answer.headers.get('x-ignored-parameters')).toBe('colour');
  const body = (await answer.json()) as { error: string; code: string; jobId: string };
  expect(body).toMatchObject({
    code: 'fetch_failed',
    error: expect.stringMatching(/never could not be fetched within 10 s\./),
  });
  const job = (await service.call('GET', `/jobs/${body.jobId}`)).body;
  expect(['cancelled', 'failed']).toContain(job.status);
  const forbidden = await service.call('GET', at({ url: `${origin.url}/forbidden` }).slice(service.url.length));
  expect(forbidden).toMatchObject({ status: 403, body: { code: 'forbidden_target', failReason: 'forbidden_target' } });
});

test('a client that hangs up cancels what it asked for', async () => {
  const origin = await startPages();
  const left = new AbortController();
  const gone = fetch(at({ url: `${origin.url}/never` }), { signal: left.signal });
  await waitFor(() => origin.requests.length === 1);
  left.abort();
  await expect(gone).rejects.toThrow();
  await waitFor(async () => {
    const rows = await service.db.database.query(`select status from jobs where url = $1`, [`${origin.url}/never`]);
    return rows[0]?.['status'] === 'cancelled';
  });
});

test.each([
  [{ url: '' }, 400, 'invalid_url'],
  [{ url: 'example.com' }, 400, 'invalid_url'],
  [{ url: 'http://10.0.0.1/' }, 403, 'forbidden_target'],
  [{ render: 'perhaps' }, 400, 'invalid_request'],
  [{ render: 'true' }, 400, 'feature_not_configured'],
  [{ max_cost: '0' }, 403, 'max_cost_exceeded'],
  [{ api_key: '' }, 401, 'missing_api_key'],
  [{ api_key: 'nobodys' }, 401, 'unknown_api_key'],
] as [Record<string, string>, number, string][])(
  '%j is refused with %d, and no job is made',
  async (params, status, code) => {
    const before = await countRows(service.db.database);
    const answer = await fetch(at({ url: 'http://127.0.0.1:9/', ...params }));
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: expect.any(String), code }]);
    expect(await countRows(service.db.database)).toBe(before);
  },
);

test('a body that is no text, and a URL that comes twice, are refused; without a URL only the dashboard is there', async () => {
  const before = await countRows(service.db.database);
  const bytes = await fetch(at({ url: 'http://127.0.0.1:9/' }), { method: 'POST', body: Buffer.from([0xff, 0xfe]) });
  expect([bytes.status, await bytes.json()]).toMatchObject([
    400,
    { code: 'invalid_request', details: [{ path: 'body' }] },
  ]);
  const twice = await fetch(`${at({ url: 'http://127.0.0.1:9/' })}&url=x`);
  expect([twice.status, await twice.json()]).toMatchObject([400, { code: 'invalid_url' }]);
  for (const method of ['POST', 'PUT'])
    expect((await service.call(method, '/', { apiKey: TEST_KEY })).status).toBe(404);
  expect(await countRows(service.db.database)).toBe(before);
});
