import { text } from 'node:stream/consumers';
import { request } from 'undici';
import type { RequestListener } from 'node:http';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

// A page that is declared as JSON is the JSON value itself, in every place where a job object is told.

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ env: { BROWSER: 'off' } });
});
afterAll(() => service.stop());

const page =
  (body: string | Buffer, contentType = 'application/json'): RequestListener =>
  (_req, res) =>
    res.writeHead(200, { 'content-type': contentType }).end(body);

async function submit(url: string, more: object = {}, to = service): Promise<string> {
  const { status, body } = await to.call('POST', '/jobs', { apiKey: TEST_KEY, url, ...more });
  expect(status).toBe(200);
  await waitFor(async () => (await to.call('GET', `/jobs/${body.id}?response=false`)).body.status !== 'running');
  return body.id as string;
}

/** The answer as it is on the wire. */
async function rawJob(id: string, to = service) {
  const { headers, body } = await request(`${to.url}/jobs/${id}`);
  return { headers, text: await body.text() };
}

const jobOf = async (url: string, more: object = {}) => {
  const { text: json } = await rawJob(await submit(url, more));
  return JSON.parse(json);
};

const odd = '{ "n": 9007199254740993, "big": 1e400, "a": 1, "a": 2,\r\n  "s": "\\ud800 \u2028" }\n';

/** Receives the bytes of calls. */
async function rawReceiver() {
  const bodies: string[] = [];
  const receiver = await startOrigin((req, res) => {
    void text(req).then((body) => {
      bodies.push(body);
      res.end();
    });
  });
  return { url: receiver.url, bodies };
}

test('the page stands in the status URL, the callback and the stream as it came', async () => {
  const origin = await startOrigin(page(odd));
  const receiver = await rawReceiver();
  const callback = { type: 'webhook', url: receiver.url };
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url], callback });
  await waitFor(() => receiver.bodies.length === 1);
  const [called = ''] = receiver.bodies;
  const { id } = JSON.parse(called);
  const { text: answered } = await rawJob(id);
  expect(answered).toContain(`"body":${odd},`);
  expect(called).toBe(answered);
  const results = await request(`${service.url}/batches/${headers.get('x-batch-id')}/results?api_key=${TEST_KEY}`);
  const stream = await results.body.text();
  expect(stream.trimEnd()).not.toMatch(/[\r\n]/);
  expect(stream).toContain(`"body":${odd.replace(/[\r\n]/g, ' ')},`);
  const { cursor, ...line } = JSON.parse(stream);
  expect(cursor).toEqual(expect.any(String));
  expect(line).toEqual(JSON.parse(answered));
  const raw = await request(`${service.url}/jobs/${id}/body`);
  expect(await raw.body.text()).toBe(odd);
});

test.each<[string, string | Buffer, string, unknown]>([
  ['an object', '{"a":1}', 'application/json', { a: 1 }],
  ['an object of an API', '{"a":1}', 'application/vnd.api+json; charset=utf-8', { a: 1 }],
  ['an array', '[1,"x",null]', 'TEXT/JSON', [1, 'x', null]],
  ['a text', '"x"', 'application/json', 'x'],
  ['null', 'null', 'application/json', null],
  ['one with a byte order mark', '\ufeff{"a":"ü"}', 'application/json', { a: 'ü' }],
  ['one in latin1', Buffer.from('{"a":"\xfc"}', 'latin1'), 'application/json; charset=iso-8859-1', { a: 'ü' }],
  ['one with a trailing comma', '{"a":1,}', 'application/json', '{"a":1,}'],
  ['one with NaN', '[NaN]', 'application/json', '[NaN]'],
  ['two values', '{}\n{}', 'application/json', '{}\n{}'],
  ['an empty page', '', 'application/json', ''],
  ['lines of JSON', '{"a":1}', 'application/x-ndjson', '{"a":1}'],
  ['JSON in a page of HTML', '{"a":1}', 'text/html', '{"a":1}'],
])('%s', async (_what, body, contentType, expected) => {
  const origin = await startOrigin(page(body, contentType));
  expect((await jobOf(origin.url)).response.body).toEqual(expected);
});

test('nesting that breaks parsers stays a text', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const origin = await startOrigin(page(deep));
  expect((await jobOf(origin.url)).response.body).toBe(deep);
});

test('json_body turns it round for one job, and text or markdown is a text', async () => {
  const origin = await startOrigin(page('{"a":1}'));
  for (const apiParams of [{ json_body: 'text' }, { output_format: 'text' }, { output_format: 'markdown' }])
    expect((await jobOf(origin.url, { apiParams })).response.body).toBe('{"a":1}');
  for (const more of [{ json_body: 'object' }, { apiParams: { output_format: 'text', json_body: 'object' } }])
    expect((await jobOf(origin.url, more)).response.body).toEqual({ a: 1 });
  expect((await jobOf(origin.url, { apiParams: { autoparse: true, json_body: 'text' } })).response.body).toEqual({
    a: 1,
  });
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: origin.url, json_body: 'yes' });
  expect(answer).toMatchObject({ status: 400, body: { details: [{ path: 'apiParams.json_body' }] } });
});

test('the two forms have ETags of their own', async () => {
  const origin = await startOrigin(page('{"a":1}'));
  const asObject = await submit(origin.url);
  const asText = await submit(origin.url, { json_body: 'text' });
  expect((await rawJob(asObject)).headers['etag']).toBe(`"${asObject}"`);
  expect((await rawJob(asText)).headers['etag']).toBe(`"${asText}-text"`);
  const known = { 'if-none-match': `"${asText}-text"` };
  expect((await service.call('GET', `/jobs/${asText}`, undefined, known)).status).toBe(304);
  const other = { 'if-none-match': `"${asText}"` };
  expect((await service.call('GET', `/jobs/${asText}`, undefined, other)).status).toBe(200);
});

describe('a page that is too large for memory', () => {
  const rows = Array.from({ length: 60_000 }, (_, id) => `{"id":${id},"text":"Größe ${id} – \\"quoted\\""}`);
  const valid = `[\n${rows.join(',\n')}\n]\n`;
  const broken = `[\n${rows.join(',\n')},\n]\n`;

  test.each([
    ['is spliced in', valid, 'application/json', true],
    ['stays a text where its last byte breaks it', broken, 'application/json', false],
    ['stays a text where it is no JSON', valid, 'text/plain', false],
  ])('%s', async (_what, body, contentType, isJson) => {
    expect(body.length).toBeGreaterThan(2_000_000);
    const origin = await startOrigin(page(body, contentType));
    const receiver = await rawReceiver();
    const callback = { type: 'webhook', url: receiver.url };
    const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url], callback });
    await waitFor(() => receiver.bodies.length === 1);
    const called = receiver.bodies[0] ?? '';
    const job = JSON.parse(called);
    // Compared as texts: Jest takes seconds for 60,000 objects.
    const expected = isJson ? JSON.parse(body) : body;
    expect(JSON.stringify(job.response.body) === JSON.stringify(expected)).toBe(true);
    expect((await rawJob(job.id)).text === called).toBe(true);
    const path = `/batches/${headers.get('x-batch-id')}/results`;
    const lines = (await (await request(`${service.url}${path}?api_key=${TEST_KEY}`)).body.text())
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(JSON.parse(lines[0] ?? '').response) === JSON.stringify(job.response)).toBe(true);
    const head = await request(`${service.url}/jobs/${job.id}`, { method: 'HEAD' });
    expect(head).toMatchObject({ statusCode: 200, headers: { etag: `"${job.id}"` } });
    const { body: ended } = await service.call('DELETE', `/jobs/${job.id}`);
    expect(JSON.stringify(ended) === JSON.stringify(job)).toBe(true);
  });
});

test('what a page costs is a number beside its headers', async () => {
  const origin = await startOrigin(page('x', 'text/html'));
  const { response, credits } = await jobOf(origin.url);
  expect(response).toMatchObject({ credits: 1, headers: { 'sa-credit-cost': '1' } });
  expect(credits).toBe(1);
});

test('a converted page has no length that its target never sent', async () => {
  const origin = await startOrigin((_req, res) => res.setHeader('content-type', 'text/html').end('<p>one <b>two'));
  const { response } = await jobOf(origin.url, { apiParams: { output_format: 'markdown' } });
  expect(response.body).toContain('one **two**');
  expect(response.headers).not.toHaveProperty('content-length');
});

test('JSON_BODIES=text keeps texts, and json_body: object turns that round', async () => {
  const other = await startTestService({ env: { BROWSER: 'off', JSON_BODIES: 'text' } });
  try {
    const origin = await startOrigin(page('{"a":1}'));
    const receiver = await rawReceiver();
    const id = await submit(origin.url, { callback: { type: 'webhook', url: receiver.url } }, other);
    const { headers, text: answered } = await rawJob(id, other);
    expect(JSON.parse(answered).response.body).toBe('{"a":1}');
    expect(headers['etag']).toBe(`"${id}-text"`);
    await waitFor(() => receiver.bodies.length === 1);
    expect(receiver.bodies[0]).toBe(answered);
    const asObject = await rawJob(await submit(origin.url, { json_body: 'object' }, other), other);
    expect(JSON.parse(asObject.text).response.body).toEqual({ a: 1 });
  } finally {
    await other.stop();
  }
});
