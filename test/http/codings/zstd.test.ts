import * as zlib from 'node:zlib';
import { contentCodings } from '../../../src/http/codings/content-codings';
import { decodeContent, decodePrefix } from '../../../src/http/codings/decode-content';
import { decodeStream } from '../../../src/http/codings/decode-stream';
import { isReliable, zstd } from '../../../src/http/codings/zstd';
import type { ZstdZlib } from '../../../src/http/codings/zstd';

const MAX_BYTES = 1_000_000;

/** A decoder that answers what it is told for a whole body, and for one that is cut off. */
const decoderOf = (whole: () => string, cut: () => string): ZstdZlib =>
  ({
    zstdDecompressSync: (body: Buffer) => Buffer.from(body.length % 10 === 0 ? whole() : cut()),
  }) as unknown as ZstdZlib; // as: the check needs no more of it
const fail = () => {
  throw new Error('cut off');
};

test('a decoder is relied on that reads all frames and refuses a body that is cut off', () => {
  expect(isReliable(decoderOf(() => 'xx', fail))).toBe(true);
});

test.each([
  ['ends after the first frame', () => 'x', fail],
  ['takes a body that is cut off for whole', () => 'xx', () => ''],
  ['fails', fail, fail],
])('a decoder that %s is not relied on', (_name, whole, cut) => {
  expect(isReliable(decoderOf(whole, cut))).toBe(false);
});

test('zstd is decoded where the decoder of this Node can be relied on', () => {
  expect(contentCodings.has('zstd')).toBe(zstd !== undefined);
  if (!('createZstdDecompress' in zlib)) expect(zstd).toBeUndefined();
});

if (zstd === undefined) {
  process.stderr.write(
    `test/http/codings/zstd.test.ts skipped in part: Node ${process.version} has no reliable zstd\n`,
  );
} else {
  const { zstdCompressSync, constants } = zlib as unknown as {
    zstdCompressSync: (body: Buffer, options?: object) => Buffer;
    constants: { ZSTD_c_windowLog: number };
  }; // as: not in the types of Node 20
  const page = Buffer.from('<p>Grüße</p>'.repeat(500));
  const options = { maxBytes: MAX_BYTES, prefixBytes: MAX_BYTES, isCut: false, throwIfOver: () => undefined };
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const frames = [
    skipped,
    zstdCompressSync(page),
    zstdCompressSync(Buffer.from('two,')),
    skipped,
    zstdCompressSync(page),
  ];
  const streamed = async (body: Buffer, length: number) => {
    const parts: Buffer[] = [];
    const source = async function* () {
      for (let at = 0; at < body.length; at += length) yield await Promise.resolve(body.subarray(at, at + length));
    };
    for await (const part of decodeStream(source, 'zstd', { maxBytes: MAX_BYTES })()) parts.push(part);
    return Buffer.concat(parts);
  };

  test.each([
    ['a fetched page', async (body: Buffer) => decodePrefix(body, 'zstd', options)],
    ['a stored page', (body: Buffer) => decodeContent(body, 'zstd', { maxBytes: MAX_BYTES })],
    ['a stream', (body: Buffer) => streamed(body, 1_000)],
    ['a stream of single bytes', (body: Buffer) => streamed(body, 1)],
  ])('%s is decoded with all of its frames', async (_name, decode) => {
    const wanted = Buffer.concat([page, Buffer.from('two,'), page]);
    expect((await decode(Buffer.concat(frames))).equals(wanted)).toBe(true);
    expect((await decode(Buffer.concat([...frames, Buffer.from('\n')]))).equals(wanted)).toBe(true); // padding
  });

  test('a fetched page that is cut off is an error, unless that is known', async () => {
    const body = zstdCompressSync(page).subarray(0, -3);
    await expect(Promise.resolve(decodePrefix(body, 'zstd', options))).rejects.toMatchObject({
      name: 'BadContentEncodingError',
      cause: { code: 'Z_BUF_ERROR' },
    });
    expect((await decodePrefix(body, 'zstd', { ...options, isCut: true })).length).toBeLessThanOrEqual(page.length);
  });

  test('the limit holds for all frames together', async () => {
    const body = Buffer.concat(Array.from({ length: 5 }, () => zstdCompressSync(Buffer.alloc(1_000))));
    expect(await decodeContent(body, 'zstd', { maxBytes: 5_000 })).toHaveLength(5_000);
    await expect(decodeContent(body, 'zstd', { maxBytes: 4_999 })).rejects.toMatchObject({ limitBytes: 4_999 });
  });

  test('a window beyond 8 MB is refused', async () => {
    const body = zstdCompressSync(Buffer.alloc(9_000_000, 'everfetch'), {
      params: { [constants.ZSTD_c_windowLog]: 24 },
    });
    await expect(decodeContent(body, 'zstd', { maxBytes: 1e8 })).rejects.toMatchObject({
      cause: { code: 'ZSTD_error_frameParameter_windowTooLarge' },
    });
  });
}
