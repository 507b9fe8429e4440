import { brotliCompressSync, gzipSync } from 'node:zlib';
import { countRows } from '../support/count-rows';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { request, sendRaw } from '../support/raw-http';
import type { RawAnswer } from '../support/raw-http';

const KEY = { 'x-api-key': TEST_KEY };
const JOB = '{"url":"https://a.example/"}';
const MIB = 1024 * 1024;

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ roles: ['api'] });
});
afterAll(() => service.stop());

const rowCount = (): Promise<number> => countRows(service.db.database);

const one = async (bytes: string | Buffer | readonly (string | Buffer)[]): Promise<RawAnswer> => {
  const { answers, raw } = await sendRaw(service.url, bytes);
  const [answer] = answers;
  if (answer === undefined) throw new Error(`no answer, only ${JSON.stringify(raw.slice(0, 200))}`);
  return answer;
};
const json = (answer: RawAnswer) => JSON.parse(answer.text) as Record<string, unknown>;
const isAlive = async () => (await one(request('GET /healthz'))).status === 200;

const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);
const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  request('POST /jobs', { ...KEY, ...headers }, body);

const refused: [string, string | Buffer, number, string][] = [
  ['no HTTP', 'GARBAGE\r\n\r\n', 400, 'invalid_request'],
  ['a TLS greeting', Buffer.from('16030100ff010000fb0303\r\n\r\n', 'hex'), 400, 'invalid_request'],
  ['an unknown method', 'FETCH /jobs HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_request'],
  ['CONNECT', 'CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'not_found'],
  ['TRACE', request('TRACE /jobs'), 404, 'not_found'],
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
  ['NUL in a header', request('GET /healthz', { 'x-a': 'a\0b' }), 400, 'invalid_request'],
  ['a bare CR in a header', request('GET /healthz', { 'x-a': 'a\rb' }), 400, 'invalid_request'],
  ['NUL in the target', request('GET /jobs/\0'), 400, 'invalid_request'],
  ['two lengths', request('POST /jobs', { 'content-length': '5, 6' }), 400, 'invalid_request'],
  ['a negative length', request('POST /jobs', { 'content-length': '-1' }), 400, 'invalid_request'],
  [
    'a length and chunks',
    request('POST /jobs', { 'content-length': '5', 'transfer-encoding': 'chunked' }, '0\r\n\r\n'),
    400,
    'invalid_request',
  ],
  ['a bad chunk', request('POST /jobs', { ...KEY, 'transfer-encoding': 'chunked' }, 'zz\r\n'), 400, 'invalid_request'],
  ['headers over the limit', request('GET /healthz', { 'x-a': 'x'.repeat(40_000) }), 431, 'headers_too_large'],
  ['a path over the limit', request(`GET /${'x'.repeat(40_000)}`), 431, 'headers_too_large'],
  ['a target that is no URL', request('GET http://['), 400, 'invalid_request'],
  ['a target with a bad port', request('GET http://a:b:c/'), 400, 'invalid_request'],
  ['an encoded NUL as id', request('GET /jobs/%00'), 404, 'not_found'],
  ['an encoded line break as id', request('GET /jobs/%0d%0ax:%20y'), 404, 'not_found'],
  ['an id that cannot be decoded', request('GET /jobs/%zz'), 400, 'invalid_request'],
  ['such an id where a body is possible', request('POST /jobs/%zz', {}, '{}'), 400, 'invalid_request'],
  ['__proto__ as id', request('GET /jobs/__proto__'), 404, 'not_found'],
  ['an id of 20,000 characters', request(`GET /jobs/${'x'.repeat(20_000)}`), 404, 'not_found'],
  ['names of prototypes as parameters', request('GET /batches/x?__proto__=a&constructor=b'), 401, 'missing_api_key'],
  ['two keys', request('GET /batches/x?api_key=a&api_key=b'), 401, 'missing_api_key'],
  ['a key of NUL', request('GET /batches/x?api_key=%00'), 401, 'unknown_api_key'],
  ['no JSON', post('{"url":'), 400, 'invalid_json'],
  ['NUL after JSON', post(`${JOB}\0`), 400, 'invalid_json'],
  ['bytes that are not UTF-8', post(Buffer.from(`{"url":"https://a.example/\xe9"}`, 'latin1')), 400, 'invalid_json'],
  ['UTF-16', post(Buffer.from(JOB, 'utf16le')), 400, 'invalid_json'],
  [
    'UTF-16 that says so',
    post(Buffer.from(JOB, 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }),
    415,
    'unsupported_media_type',
  ],
  ['an unknown charset', post(JOB, { 'content-type': 'a/b; charset=klingon' }), 415, 'unsupported_media_type'],
  ['an unknown encoding', post(JOB, { 'content-encoding': 'zip' }), 415, 'unsupported_media_type'],
  ['an encoding of Object', post(JOB, { 'content-encoding': 'constructor' }), 415, 'unsupported_media_type'],
  ['gzip that is none', post(JOB, { 'content-encoding': 'gzip' }), 400, 'invalid_request'],
  ['half of a gzip', post(gzipSync(JOB).subarray(0, 20), { 'content-encoding': 'gzip' }), 400, 'invalid_request'],
  ['brackets 100,000 deep', post(deep(100_000)), 400, 'invalid_request'],
  ['brackets that never close', post('['.repeat(1_000_000)), 400, 'invalid_request'],
  ['two million values', post(`[${'{},'.repeat(2_000_000)}{}]`), 413, 'body_too_large'],
  ['a gzip bomb', post(gzipSync(Buffer.alloc(65 * MIB, ' ')), { 'content-encoding': 'gzip' }), 413, 'body_too_large'],
  [
    'a brotli bomb',
    post(brotliCompressSync(Buffer.alloc(65 * MIB, ' ')), { 'content-encoding': 'br' }),
    413,
    'body_too_large',
  ],
  ['100 MB announced', request('POST /jobs', { ...KEY, 'content-length': '100000000' }), 413, 'body_too_large'],
  ['a length beyond numbers', request('POST /jobs', { 'content-length': '9'.repeat(15) }), 413, 'body_too_large'],
];

test.each(refused)('%s is refused as JSON and nothing is created', async (...row) => {
  const [, bytes, status, code] = row;
  const before = await rowCount();
  const answer = await one(bytes);
  expect({ status: answer.status, code: json(answer)['code'] }).toEqual({ status, code });
  expect(answer.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
  expect(await rowCount()).toBe(before);
  expect(await isAlive()).toBe(true);
});

const fields = ['url', 'urls', 'headers', 'body', 'callback', 'timeoutSec', 'meta', 'apiParams', 'render', 'unknown'];
test.each(fields)('%s nested 100,000 deep is named', async (...row) => {
  const [field] = row;
  for (const value of [deep(100_000), deep(100_000, '{"a":', '}').replace('}', '1}')]) {
    const answer = await one(post(`{"url":"https://a.example/","${field}":${value}}`));
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({ code: 'invalid_request', details: [{ path: field }] });
  }
});

test('100 MB are refused while they are sent', async () => {
  const part = Buffer.alloc(MIB, ' ');
  const head = request('POST /jobs', { ...KEY, 'transfer-encoding': 'chunked' });
  const chunk = Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  const answer = await one([head, ...Array.from({ length: 100 }, () => chunk)]);
  expect(answer.status).toBe(413);
  expect(json(answer)['code']).toBe('body_too_large');
  expect(await isAlive()).toBe(true);
});

test('who waits for 100 Continue is told before sending', async () => {
  const expecting = { ...KEY, expect: '100-continue' };
  const large = await sendRaw(service.url, request('POST /jobs', { ...expecting, 'content-length': '100000000' }));
  expect(large.raw).not.toContain('100 Continue');
  expect(large.answers[0]).toMatchObject({ status: 413, headers: { connection: 'close' } });
  const small = await sendRaw(service.url, request('POST /jobs', expecting, JOB));
  expect(small.raw).toContain('100 Continue');
  expect(small.answers[0]?.status).toBe(200);
});

const accepted: [string, Buffer][] = [
  ['a byte order mark', post(`\ufeff${JOB}`)],
  ['gzip', post(gzipSync(JOB), { 'content-encoding': 'gzip' })],
  ['brotli', post(brotliCompressSync(JOB), { 'content-encoding': 'br' })],
  ['chunks', request('POST /jobs', { ...KEY, 'transfer-encoding': 'chunked' }, chunked(JOB))],
  ['a content type of a form', post(JOB, { 'content-type': 'application/x-www-form-urlencoded' })],
  ['a content type that is none', post(JOB, { 'content-type': ';;;' })],
  ['an absolute target', request('POST http://any.example/jobs', KEY, JOB)],
  ['an unknown expectation', post(JOB, { expect: 'miracles' })],
  ['an upgrade', post(JOB, { connection: 'upgrade', upgrade: 'websocket' })],
  ['names of prototypes', post(`{"url":"https://a.example/","__proto__":{"url":1},"constructor":1,"toString":2}`)],
];
test.each(accepted)('%s is no obstacle', async (...row) => {
  expect(await one(row[1])).toMatchObject({ status: 200 });
});

test('what meta may hold comes back as it was', async () => {
  const metas = [deep(2_048), '"\\u0000\\ud800"', '{"__proto__":{"a":1},"constructor":2}', '{"\\u0000":null}', '0'];
  for (const meta of metas) {
    const answer = await one(post(`{"url":"https://a.example/","meta":${meta}}`));
    expect(answer.status).toBe(200);
    const found = await one(request(`GET /jobs/${String(json(answer)['id'])}`));
    expect(found.status).toBe(200);
    expect(found.text).toContain(`"meta":${meta}`);
  }
});

test('nothing leaks from one prototype into another request', async () => {
  await one(
    post('{"url":"https://a.example/","apiParams":{"__proto__":{"render":true}},"__proto__":{"premium":true}}'),
  );
  expect(({} as Record<string, unknown>)['render']).toBeUndefined();
  expect(await one(post(JOB))).toMatchObject({ status: 200 });
});

test('a GET with a body is answered without it, and the connection goes on', async () => {
  const get = request('GET /healthz', {}, 'x'.repeat(100_000));
  const { answers } = await sendRaw(service.url, [get, get], { until: 2 });
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});

test('a body for a route that is not there is not read', async () => {
  expect(await one(request('POST /nowhere', { 'content-length': '60000000' }))).toMatchObject({ status: 404 });
  expect(await one(request('PUT /jobs', { 'content-length': '60000000' }))).toMatchObject({ status: 404 });
});

test('pipelined requests are answered in order, the last one being no HTTP', async () => {
  const { answers } = await sendRaw(
    service.url,
    [post(JOB), request('GET /jobs/x'), request('GET /readyz'), '\0\r\n'],
    {
      until: 4,
    },
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 400]);
});

test('half a body and a closed connection change nothing', async () => {
  const before = await rowCount();
  for (const length of [1, 10, 27]) {
    const half = Buffer.concat([
      request('POST /jobs', { ...KEY, 'content-length': '1000' }),
      Buffer.from(JOB.slice(0, length)),
    ]);
    await sendRaw(service.url, half, { abort: true });
  }
  expect(await isAlive()).toBe(true);
  expect(await rowCount()).toBe(before);
});

test('HEAD and OPTIONS', async () => {
  expect(await service.call('HEAD', '/jobs/x')).toMatchObject({ status: 404, body: undefined });
  for (const path of ['/jobs', '*', '/nowhere'])
    expect((await one(request(`OPTIONS ${path}`))).status).toBeLessThan(500);
});
