import { gzipSync } from 'node:zlib';
import { openApiDocument } from '../../tools/docs/openapi/open-api-document';
import { countRows } from '../support/count-rows';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const documented: Json = JSON.parse(openApiDocument());

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ roles: ['api'] });
});
afterAll(() => service.stop());

const key = { 'x-api-key': TEST_KEY };
const ndjson = { ...key, 'content-type': 'application/x-ndjson' };

async function upload(body: string | Buffer, query = '', headers: Record<string, string> = {}) {
  const init = { method: 'POST', headers: { ...ndjson, ...headers }, body };
  const answer = await fetch(`${service.url}/batches${query}`, init);
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json };
}

const ok = '{"url":"https://a.example/"}';

test.each<[string, string | Buffer, object, string?, Record<string, string>?]>([
  ['no line', '', { code: 'invalid_url' }],
  ['blank lines only', '\n\r\n', { code: 'invalid_url' }],
  [
    'a line that is no JSON',
    `${ok}\n{"url":`,
    { code: 'invalid_json', errors: [{ path: 'line 2', message: 'is not valid JSON' }] },
  ],
  ['a line that is a text', '"https://a.example/"', { code: 'invalid_request', errors: [{ path: 'line 1' }] }],
  ['a line without a URL', `${ok}\n\n{"id":"a"}`, { code: 'invalid_url', detail: 'line 3: url is missing.' }],
  ['another scheme', '{"url":"ftp://a.example/"}', { code: 'invalid_url' }],
  ['an id that is a number', '{"url":"https://a.example/","id":7}', { detail: 'line 1: id must be a string.' }],
  [
    'a long id',
    JSON.stringify({ url: 'https://a.example/', id: 'x'.repeat(201) }),
    { errors: [{ message: 'id is longer than 200 characters' }] },
  ],
  ['an id with NUL', '{"url":"https://a.example/","id":"a\\u0000"}', { code: 'invalid_request' }],
  [
    'an unknown field',
    '{"url":"https://a.example/","timeoutSec":1}',
    { detail: expect.stringMatching(/^line 1: timeoutSec is not known here/) },
  ],
  [
    'a wrong option',
    '{"url":"https://a.example/","apiParams":{"device_type":"tv"}}',
    { errors: [{ path: 'line 1', message: expect.stringMatching(/^apiParams.device_type /) }] },
  ],
  [
    'options that do not go together',
    '{"url":"https://a.example/","apiParams":{"output_format":"json"}}',
    { detail: 'line 1: apiParams.output_format json needs autoparse.' },
  ],
  [
    'a country without a proxy',
    '{"url":"https://a.example/","apiParams":{"country_code":"de"}}',
    { code: 'feature_not_configured' },
  ],
  [
    'a wrong selector',
    '{"url":"https://a.example/","successWhen":{"selector":"a["}}',
    { detail: expect.stringMatching(/^line 1: successWhen.selector /) },
  ],
  [
    'large meta',
    JSON.stringify({ url: 'https://a.example/', meta: 'x'.repeat(5_000) }),
    { errors: [{ message: 'meta is larger than 4096 bytes as JSON' }] },
  ],
  ['NUL', `${ok}\n{"url":"https://a.example/\0"}`, { errors: [{ path: 'line 2', message: 'holds a NUL byte' }] }],
  [
    'what is not UTF-8',
    Buffer.concat([Buffer.from(`${ok}\n{"url":"`), Buffer.from([0xff, 0xfe])]),
    { errors: [{ path: 'line 2', message: 'is not UTF-8' }] },
  ],
  [
    'a line of 2 MB',
    `${ok}\n{"url":"https://a.example/","body":"${'x'.repeat(2_000_000)}"}\n${ok}`,
    { status: 413, code: 'body_too_large', errors: [{ path: 'line 2' }] },
  ],
  [
    'a deep line',
    `{"url":"https://a.example/","meta":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
    { errors: [{ message: 'is nested too deep' }] },
  ],
  ['50,001 lines', `${ok}\n`.repeat(50_001), { status: 413, code: 'too_many_urls', errors: [{ path: 'line 50001' }] }],
  ['nonsense as gzip', 'no gzip', { code: 'invalid_request' }, '', { 'content-encoding': 'gzip' }],
  [
    'gzip that is cut off',
    gzipSync(`${ok}\n`.repeat(5)).subarray(0, 40),
    { code: 'invalid_request' },
    '',
    { 'content-encoding': 'gzip' },
  ],
  [
    'over 64 MB unpacked',
    gzipSync(Buffer.alloc(65 * 1024 * 1024, ' ')),
    { status: 413, code: 'body_too_large' },
    '',
    { 'content-encoding': 'gzip' },
  ],
  ['an unknown coding', ok, { status: 415 }, '', { 'content-encoding': 'zip' }],
  ['another charset', ok, { status: 415 }, '', { 'content-type': 'application/x-ndjson; charset=utf-16' }],
  ['an unknown parameter', ok, { errors: [{ path: 'nmae' }] }, '?nmae=a'],
  ['a long name', ok, { errors: [{ path: 'name' }] }, `?name=${'x'.repeat(201)}`],
  ['21 tags', ok, { errors: [{ path: 'tags' }] }, `?tags=${Array.from({ length: 21 }, (_, index) => index).join(',')}`],
  ['a long tag', ok, { errors: [{ path: 'tags[0]' }] }, `?tags=${'x'.repeat(65)}`],
  ['no credits', ok, { errors: [{ path: 'maxCredits' }] }, '?maxCredits=0'],
  ['too many per host', ok, { errors: [{ path: 'maxPerHost' }] }, '?maxPerHost=1001'],
  ['a workflow per URL with a cap', ok, { errors: [{ path: 'fanOut' }] }, '?maxCredits=5&fanOut=jobs'],
  ['a parameter twice', ok, { errors: [{ path: 'name' }] }, '?name=a&name=b'],
  ['a forbidden receiver', ok, { status: 403, code: 'forbidden_target' }, '?onDone=http%3A%2F%2F10.0.0.1%2F'],
  ['a million blank lines', '\n'.repeat(1_000_001), { status: 413, code: 'body_too_large' }],
  ['a receiver that is no URL', ok, { errors: [{ path: 'callback.url' }] }, '?callback=x'],
  ['prices over max_cost', ok, { status: 403, code: 'max_cost_exceeded' }, '?max_cost=0'],
])('%s is refused, and nothing is created', async (_name, body, expected, query = '', headers = {}) => {
  const before = await countRows(service.db.database);
  const answer = await upload(body, query, headers);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status: 400, ...expected });
  expect(Object.keys(documented.paths['/batches'].post.responses)).toContain(String(answer.status));
  expect(await countRows(service.db.database)).toBe(before);
});

test('the first 100 bad lines are listed, and none of the good ones is taken', async () => {
  const before = await countRows(service.db.database);
  const lines = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? ok : '{"url":1}'));
  const { body } = await upload(lines.join('\n'));
  expect(body.errors).toHaveLength(100);
  expect(body.errors[99]).toEqual({ path: 'line 200', message: 'url must be a string, not number' });
  expect(await countRows(service.db.database)).toBe(before);
});

test('whoever has no key is refused before the lines are read', async () => {
  const answer = await fetch(`${service.url}/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${ok}\n`.repeat(60_000),
  });
  expect([answer.status, ((await answer.json()) as Json).code]).toEqual([401, 'missing_api_key']);
});

test('fields that are not known are refused in JSON as well', async () => {
  const answer = await service.call(
    'POST',
    '/batches',
    { urls: ['https://a.example/'], apiParams: { rendr: true }, nmae: 'a' },
    key,
  );
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'nmae' }, { path: 'apiParams.rendr' }] } });
});
