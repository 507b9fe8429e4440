import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { decodeContent } from '../../../src/http/codings/decode-content';
import { decodeStream } from '../../../src/http/codings/decode-stream';
import { zstd } from '../../../src/http/codings/zstd';

const maxBytes = 1_000_000;
const html = Buffer.from('<p>Grüße</p>'.repeat(100));

/** Compressor, if this Node has one; test/http/codings/zstd.test.ts reports when it has none. */
const zstdEncoders: Record<string, (bytes: Buffer) => Buffer> =
  zstd !== undefined && 'zstdCompressSync' in zlib ? { zstd: zlib.zstdCompressSync as (bytes: Buffer) => Buffer } : {};

const ENCODERS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => gzipSync(bytes),
  'x-gzip': (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  ...zstdEncoders,
};

test.each([
  ['gzip', gzipSync(html)],
  ['GZip', gzipSync(html)],
  ['x-gzip', gzipSync(html)],
  ['deflate', deflateSync(html)],
  ['deflate', deflateSync(html, { level: 1, windowBits: 9 })],
  ['deflate', deflateRawSync(html)],
  ['deflate', deflateRawSync(html, { level: 0 })],
  ['br', brotliCompressSync(html)],
  ['gzip, br', brotliCompressSync(gzipSync(html))],
  ['identity', html],
  ['', html],
  [undefined, html],
])('undoes %s', async (contentEncoding, body) => {
  expect((await decodeContent(body, contentEncoding, { maxBytes })).equals(html)).toBe(true);
});

test('undoes any stack of up to five codings', async () => {
  const stack = fc.array(fc.constantFrom(...Object.keys(ENCODERS)), { maxLength: 5 });
  const anyBytes = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(stack, anyBytes, async (codings, bytes) => {
      const body = codings.reduce<Buffer>((inner, coding) => ENCODERS[coding]?.(inner) ?? inner, bytes);
      expect((await decodeContent(body, codings.join(', '), { maxBytes })).equals(bytes)).toBe(true);
    }),
  );
});

test('undoes any bare deflate stream', async () => {
  const anyBytes = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.integer({ min: 0, max: 9 }), async (bytes, level) => {
      const body = deflateRawSync(bytes, { level });
      expect((await decodeContent(body, 'deflate', { maxBytes })).equals(bytes)).toBe(true);
    }),
  );
});

test('refuses a sixth coding', async () => {
  const body = Array.from({ length: 6 }).reduce<Buffer>((inner) => gzipSync(inner), html);
  const decoding = decodeContent(body, Array(6).fill('gzip').join(','), { maxBytes });
  await expect(decoding).rejects.toMatchObject({ name: 'BadContentEncodingError' });
});

test.each<readonly [string, Buffer]>([
  ['gzip', gzipSync(Buffer.alloc(50_000_000))],
  ['deflate', deflateSync(Buffer.alloc(50_000_000))],
  ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
  ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
  ...Object.entries(zstdEncoders).map(([name, encode]) => [name, encode(Buffer.alloc(50_000_000))] as const),
  ['identity', Buffer.alloc(maxBytes + 1)],
])('stops a %s bomb at the limit', async (contentEncoding, body) => {
  await expect(decodeContent(body, contentEncoding, { maxBytes })).rejects.toMatchObject({
    name: 'BodyTooLargeError',
    limitBytes: maxBytes,
  });
});

test.each<readonly [string, (bytes: Buffer) => Buffer]>([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ...Object.entries(zstdEncoders),
])('a small %s body may unpack to much, and a large one to little', async (contentEncoding, encode) => {
  for (const page of [
    Buffer.alloc(262_144, 'a'),
    Buffer.alloc(262_145, 'a'),
    Buffer.alloc(900_000, 'ab'),
    randomBytes(100_000),
  ])
    expect((await decodeContent(encode(page), contentEncoding, { maxBytes })).equals(page)).toBe(true);
});

test.each([1, 100, 262_144, 262_145, 500_000])('stops a small bomb at a limit of %d bytes', async (limitBytes) => {
  const body = gzipSync(Buffer.alloc(1_000_000));
  const decoding = decodeContent(body, 'gzip', { maxBytes: limitBytes });
  await expect(decoding).rejects.toMatchObject({ name: 'BodyTooLargeError', limitBytes });
});

test('a body of exactly the limit is not too large', async () => {
  const body = gzipSync(Buffer.alloc(maxBytes));
  expect(await decodeContent(body, 'gzip', { maxBytes })).toHaveLength(maxBytes);
});

test.each([
  ['gzip', html],
  ['br', html],
  ['deflate', Buffer.from('\xff\xff\xff', 'latin1')],
  ['zstd', html], // nor can it be undone before Node 22.15
  ['compress', Buffer.from('1f9d90', 'hex')],
])('says that a body is not %s', async (contentEncoding, body) => {
  await expect(decodeContent(body, contentEncoding, { maxBytes })).rejects.toMatchObject({
    name: 'BadContentEncodingError',
    contentEncoding,
  });
});

test.each(['none', 'utf-8', 'foo, identity'])('passes over %s, which is no coding', async (contentEncoding) => {
  expect(await decodeContent(html, contentEncoding, { maxBytes })).toBe(html);
});

test.each(['gzip', 'br', 'deflate', 'zstd'])('a body without bytes stays empty whatever %s says', async (coding) => {
  expect(await decodeContent(Buffer.alloc(0), coding, { maxBytes })).toHaveLength(0);
});

test.each([
  ['gzip', gzipSync(html, { level: 0 })],
  ['deflate', deflateRawSync(html, { level: 0 })],
])('gives what came of a %s body that is cut short', async (contentEncoding, whole) => {
  const text = await decodeContent(whole.subarray(0, 500), contentEncoding, { maxBytes });
  expect(text.length).toBeGreaterThan(400);
  expect(html.subarray(0, text.length).equals(text)).toBe(true);
});

test('takes members of gzip one after another, and passes over what follows them', async () => {
  const body = Buffer.concat([gzipSync('one,'), gzipSync('two'), Buffer.alloc(20)]);
  expect((await decodeContent(body, 'gzip', { maxBytes })).toString()).toBe('one,two');
});

test.each([undefined, '', 'identity', 'none, utf-8'])('the reader of a body in %s is given back itself', (coding) => {
  const body = async function* () {
    yield await Promise.resolve(html);
  };
  expect(decodeStream(body, coding, { maxBytes })).toBe(body);
});
