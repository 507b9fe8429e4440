import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { codingSteps } from '../../../src/http/codings/coding-steps';
import { decodeAtOnce } from '../../../src/http/codings/decode-at-once';
import { decodeInThread } from '../../../src/http/codings/decode-stream';
import { zstd } from '../../../src/http/codings/zstd';

type Packer = readonly [name: string, pack: (bytes: Buffer) => Buffer];

/** Compressor, if this Node has one; test/http/codings/zstd.test.ts reports when it has none. */
const zstdPackers =
  zstd !== undefined && 'zstdCompressSync' in zlib ? [['zstd', zlib.zstdCompressSync as Packer[1]] as const] : [];
/** Compresses fast, because at the default quality it would take most of the time of these tests. */
const quickBrotli = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });
const packers: readonly Packer[] = [
  ['gzip', gzipSync],
  ['br', quickBrotli],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ...zstdPackers,
];

const packed = fc
  .record({
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.nat(70_000).map((length) => Buffer.alloc(length, 'everfetch')),
    ),
    packing: fc.array(fc.constantFrom(...packers), { minLength: 1, maxLength: 3 }),
    cutTo: fc.option(fc.nat(3_000), { nil: undefined }),
    trailer: fc.uint8Array({ maxLength: 12 }),
    flipAt: fc.option(fc.nat(3_000), { nil: undefined }),
  })
  .map(({ bytes, packing, cutTo, trailer, flipAt }) => {
    const body = packing.reduce<Buffer>((plain, [, pack]) => pack(plain), Buffer.from(bytes));
    const wire = Buffer.concat([body, trailer]).subarray(0, cutTo);
    if (flipAt !== undefined && flipAt < wire.length) wire[flipAt] = (wire[flipAt] ?? 0) ^ 0x55;
    return { wire, coding: packing.map(([name]) => name).join(', ') };
  });

const codeOf = (error: unknown) => {
  const { name, cause } = error as { name: string; cause?: { code?: string; name: string } };
  return cause?.code ?? cause?.name ?? name;
};
const atOnce = { maxPackedBytes: 16_384, maxUnpackedBytes: 65_536, withSlow: true };

test('in one go and as a stream, the same comes out', async () => {
  await fc.assert(
    fc.asyncProperty(packed, fc.boolean(), fc.constantFrom(100, 1_000_000), async (body, isCut, maxBytes) => {
      const options = { maxBytes, prefixBytes: 16_384, isCut, throwIfOver: () => undefined };
      const small = await Promise.resolve()
        .then(() => decodeAtOnce(body.wire, codingSteps(body.coding), body.coding, { ...options, atOnce }))
        .catch(codeOf);
      const streamed = await decodeInThread(body.wire, codingSteps(body.coding), body.coding, options).catch(codeOf);
      if (small === undefined) return; // too large for it, and so the stream's
      // One that is broken as well as too large may be called either.
      if (streamed === 'BodyTooLargeError') expect(typeof small).toBe('string');
      else if (small === 'BodyTooLargeError') expect(typeof streamed).toBe('string');
      else expect(small).toEqual(streamed);
    }),
    { numRuns: 500 },
  );
});

test('what is not small is left to the stream', async () => {
  const gzip = codingSteps('gzip');
  const options = { maxBytes: 10_000_000, prefixBytes: 16_384, isCut: false, throwIfOver: () => undefined };
  const body = gzipSync(Buffer.alloc(1_000_000, 'x'));
  expect(decodeAtOnce(body, gzip, 'gzip', { ...options, atOnce })).toBeUndefined();
  expect(await decodeInThread(body, gzip, 'gzip', options)).toEqual(Buffer.alloc(16_384, 'x'));
  await expect(decodeInThread(body, gzip, 'gzip', { ...options, maxBytes: 999_999 })).rejects.toMatchObject({
    name: 'BodyTooLargeError',
  });
  const over = () => {
    throw new Error('over');
  };
  await expect(decodeInThread(body, gzip, 'gzip', { ...options, throwIfOver: over })).rejects.toThrow('over');
});
