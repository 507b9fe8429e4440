import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { PresentablePage, PresentOptions } from '../../src/pages/present-response';
import { presentResponse } from '../../src/pages/present-response';

const base: PresentablePage = {
  targetUri: 'https://shop.example/item',
  statusCode: 200,
  headers: [['Content-Type', 'text/html; charset=utf-8']],
  body: Buffer.from('<p>Grüße</p>'),
};

const present = (
  record: Partial<PresentablePage>,
  options: Partial<PresentOptions> = {},
): ReturnType<typeof presentResponse> =>
  presentResponse({
    record: { ...base, ...record },
    isBinaryTarget: false,
    withBody: true,
    maxBytes: 1_000_000,
    ...options,
  });

test('a page is text, its headers and where it came from', async () => {
  expect(await present({ statusCode: 404 })).toEqual({
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'sa-final-url': 'https://shop.example/item',
      'sa-statuscode': '404',
    },
    statusCode: 404,
    body: '<p>Grüße</p>',
  });
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)('a page that came as %s is unpacked, and its headers do not claim otherwise', async (coding, encode) => {
  const body = encode(base.body);
  const headers: PresentablePage['headers'] = [
    ['Content-Encoding', coding],
    ['Content-Length', String(body.length)],
    ['ETag', '"1"'],
  ];
  const response = await present({ headers, body });
  expect(response.body).toBe('<p>Grüße</p>');
  expect(Object.keys(response.headers)).toEqual(['etag', 'sa-final-url', 'sa-statuscode']);
});

test('codings over several lines are undone as one list', async () => {
  const headers: PresentablePage['headers'] = [['Content-Encoding', 'gzip'], ['content-encoding', 'br']]; // prettier-ignore
  expect((await present({ headers, body: brotliCompressSync(gzipSync('hello')) })).body).toBe('hello');
});

test('headers of the connection, cookies and our own names are left out, repeated ones joined', async () => {
  const { headers } = await present({
    headers: [
      ['Connection', 'close'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authenticate', 'Basic'],
      ['Proxy-Connection', 'close'],
      ['TE', 'trailers'],
      ['Trailer', 'x'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['Set-Cookie', 'a=1'],
      ['SA-Credit-Cost', '-5'],
      ['sa-final-url', 'https://evil.example/'],
      ['Vary', 'Accept'],
      ['vary', 'Cookie'],
      ['Content-Length', '14'],
      ['X-Umlaut', '\xfc'],
    ],
  });
  expect(headers).toEqual({
    vary: 'Accept, Cookie',
    'content-length': '14',
    'x-umlaut': '\xfc',
    'sa-final-url': 'https://shop.example/item',
    'sa-statuscode': '200',
  });
});

test('a length that is not that of the body is left out', async () => {
  const { headers } = await present({ headers: [['Content-Length', '99']] });
  expect(headers).not.toHaveProperty('content-length');
});

test('a header named __proto__ is a header like any other', async () => {
  const { headers } = await present({ headers: [['__proto__', 'x'], ['constructor', 'y']] }); // prettier-ignore
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  expect(JSON.parse(JSON.stringify(headers))).toHaveProperty(['constructor'], 'y');
  expect(JSON.stringify(headers)).toContain('"__proto__":"x"');
});

test('without the body there is no body field, and a damaged one does not matter', async () => {
  const headers: PresentablePage['headers'] = [['Content-Encoding', 'gzip']];
  const response = await present({ headers, body: Buffer.from('not gzip') }, { withBody: false });
  expect(Object.keys(response)).toEqual(['headers', 'statusCode']);
  expect(response.headers).toEqual({ 'sa-final-url': base.targetUri, 'sa-statuscode': '200' });
});

test.each([
  ['of text', 'text/html', false],
  ['of a picture', 'image/png', false],
  ['that was to be binary', 'text/html', true],
] as const)('an empty page %s is an empty text', async (_name, contentType, isBinaryTarget) => {
  const response = await present(
    { headers: [['Content-Type', contentType]], body: Buffer.alloc(0) },
    { isBinaryTarget },
  );
  expect(response).toMatchObject({ body: '' });
  expect(response).not.toHaveProperty('base64EncodedBody');
});

test('an empty page may claim a content-encoding', async () => {
  expect(await present({ headers: [['Content-Encoding', 'br']], body: Buffer.alloc(0) })).toMatchObject({ body: '' });
});

test('binary content is base64 instead of text', async () => {
  const body = Buffer.from([0x89, 0x50, 0, 0xff]);
  const response = await present({ headers: [['Content-Type', 'image/png']], body });
  expect(response.base64EncodedBody).toBe('iVAA/w==');
  expect(response).not.toHaveProperty('body');
});

test('binary content that came as gzip is unpacked first', async () => {
  const headers: PresentablePage['headers'] = [['Content-Type', 'application/pdf'], ['Content-Encoding', 'gzip']]; // prettier-ignore
  const response = await present({ headers, body: gzipSync('%PDF-1.7') });
  expect(Buffer.from(response.base64EncodedBody ?? '', 'base64').toString()).toBe('%PDF-1.7');
});

test('a binary target is base64 whatever it is', async () => {
  const response = await present({}, { isBinaryTarget: true });
  expect(Buffer.from(response.base64EncodedBody ?? '', 'base64').toString()).toBe('<p>Grüße</p>');
});

test('a page in another charset is Unicode', async () => {
  const headers: PresentablePage['headers'] = [['Content-Type', 'text/html; charset=iso-8859-1']];
  expect((await present({ headers, body: Buffer.from('\x93\x80 5\x94', 'latin1') })).body).toBe('“€ 5”');
});

test('the last of several types counts', async () => {
  const headers: PresentablePage['headers'] = [['Content-Type', 'image/png'], ['content-type', 'text/html; charset=koi8-r']]; // prettier-ignore
  expect((await present({ headers, body: Buffer.from([0xf0]) })).body).toBe('П');
});

test('a body that is not in the encoding it claims is given as it came', async () => {
  const response = await present({ headers: [['Content-Encoding', 'gzip']], body: Buffer.from('not gzip') });
  expect(Buffer.from(response.base64EncodedBody ?? '', 'base64').toString()).toBe('not gzip');
});

test('a bomb is an error of its own', async () => {
  const bomb = present({ headers: [['Content-Encoding', 'gzip']], body: gzipSync(Buffer.alloc(20_000_000)) });
  await expect(bomb).rejects.toMatchObject({ name: 'BodyTooLargeError', limitBytes: 1_000_000 });
});

test('the length of what was made from a page is none that the target sent', async () => {
  const headers: PresentablePage['headers'] = [['Content-Type', 'text/plain'], ['Content-Length', '5']]; // prettier-ignore
  const body = Buffer.from('hello');
  expect((await present({ headers, body })).headers).toHaveProperty('content-length', '5');
  expect((await present({ headers, body, isConverted: true })).headers).not.toHaveProperty('content-length');
});
