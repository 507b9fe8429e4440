import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { zstd } from '../../../src/http/codings/zstd';
import { ZstdFrames } from '../../../src/http/codings/zstd-frames';

/** A frame of raw blocks, written by hand (RFC 8878 §3.1.1). */
function rawFrame({ blocks, isSingle, hasChecksum, sizeFlag }: RawFrame): Buffer {
  const descriptor = (sizeFlag << 6) | (isSingle ? 0x20 : 0) | (hasChecksum ? 0x04 : 0);
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][sizeFlag] ?? 0;
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, ...(isSingle ? [] : [0x58])]);
  const body = blocks.map((block, index) => {
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE((block.length << 3) | (index === blocks.length - 1 ? 1 : 0), 0, 3);
    return Buffer.concat([blockHead, block]);
  });
  return Buffer.concat([head, Buffer.alloc(sizeBytes), ...body, Buffer.alloc(hasChecksum ? 4 : 0)]);
}

interface RawFrame {
  readonly blocks: readonly Buffer[];
  readonly isSingle: boolean;
  readonly hasChecksum: boolean;
  readonly sizeFlag: number;
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
const skippable = bytes.map((content) => {
  const head = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
});
const frame = fc.oneof(
  skippable,
  fc
    .record({
      blocks: fc.array(bytes, { minLength: 1, maxLength: 4 }),
      isSingle: fc.boolean(),
      hasChecksum: fc.boolean(),
      sizeFlag: fc.nat(3),
    })
    .map(rawFrame),
);
const partsOf = (body: Buffer, sizes: readonly number[]) => {
  const parts: Buffer[] = [];
  for (let at = 0, index = 0; at < body.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    parts.push(body.subarray(at, at + size));
    at += size;
  }
  return parts;
};
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

test('the ends of frames are found, in whatever parts they come, and what follows is left out', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 5 }),
      sizes,
      fc.constantFrom('', '\n', '\0\0\0', 'padding that is no frame'),
      (frames, lengths, padding) => {
        const cutter = new ZstdFrames();
        const ends = new Set<number>();
        let length = 0;
        for (const part of partsOf(Buffer.concat([...frames, Buffer.from(padding)]), lengths))
          for (const piece of cutter.cut(part)) ends.add((length += piece.length));
        const wanted = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length);
        expect(wanted.filter((end) => !ends.has(end))).toEqual([]);
        expect(length).toBe(wanted.at(-1));
        expect(cutter.isWhole).toBe(true);
      },
    ),
  );
});

test('a body that is cut off is not whole, wherever that was', () => {
  fc.assert(
    fc.property(frame, fc.nat(), (whole, where) => {
      const cutter = new ZstdFrames();
      cutter.cut(whole.subarray(0, 1 + (where % (whole.length - 1))));
      expect(cutter.isWhole).toBe(false);
    }),
  );
});

test('frames that hold nothing are not taken without end', () => {
  const empty = rawFrame({ blocks: [Buffer.alloc(0)], isSingle: true, hasChecksum: false, sizeFlag: 0 });
  const cutter = new ZstdFrames();
  expect(cutter.cut(Buffer.concat(Array<Buffer>(10_000).fill(empty)))).toHaveLength(10_000);
  expect(() => cutter.cut(empty)).toThrow(expect.objectContaining({ code: 'ERR_TOO_MANY_FRAMES' }));
});

if (zstd === undefined) {
  process.stderr.write(`test/http/codings/zstd.test.ts skipped in part: Node ${process.version} has no zstd\n`);
  test('where Node has no zstd, there is none', () => expect(zlib).not.toHaveProperty('createZstdDecompress'));
} else {
  const { createStage, unpack, unpackSync } = zstd;
  const { zstdCompressSync: pack } = zlib as unknown as { zstdCompressSync: (body: Buffer) => Buffer }; // as: not in the types of Node 20
  const page = Buffer.from('<p>Grüße</p>'.repeat(500));
  const noise = randomBytes(300_000);
  const inStream = (body: Buffer, isCut: boolean, length = 1_000) =>
    buffer(Readable.from(partsOf(body, [length]), { objectMode: false }).pipe(createStage(isCut)));
  /** `pipe` does not forward errors of the source, and there are none. */
  const ways = [
    ['at once', async (body: Buffer, isCut: boolean) => unpackSync(body, isCut, 1e7) ?? unpack(body, isCut, 1e7)],
    ['in a thread', (body: Buffer, isCut: boolean) => unpack(body, isCut, 1e7)],
    ['as a stream', (body: Buffer, isCut: boolean) => inStream(body, isCut)],
    ['as a stream of single bytes', (body: Buffer, isCut: boolean) => inStream(body, isCut, 1)],
  ] as const;

  describe.each(ways)('%s', (_name, unpackAll) => {
    test('a body is unpacked', async () => {
      expect((await unpackAll(pack(page), false)).equals(page)).toBe(true);
    });

    test('all of its frames are, and padding is passed over', async () => {
      const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
      const body = Buffer.concat([
        skipped,
        pack(page),
        pack(Buffer.from('two,')),
        skipped,
        pack(page),
        Buffer.from('\n'),
      ]);
      const wanted = Buffer.concat([page, Buffer.from('two,'), page]);
      expect((await unpackAll(body, false)).equals(wanted)).toBe(true);
    });

    test('one that is cut off is an error, unless that is known', async () => {
      const body = pack(noise.subarray(0, 5_000)).subarray(0, 4_000);
      await expect(unpackAll(body, false)).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
      expect((await unpackAll(body, true)).length).toBeLessThan(5_000);
    });

    test('what is none is an error', async () => {
      await expect(unpackAll(page, true)).rejects.toMatchObject({ code: 'ZSTD_error_prefix_unknown' });
    });
  });

  test('what came of a long body that is cut off is there', async () => {
    const body = pack(noise).subarray(0, 250_000);
    for (const [, unpackAll] of ways.slice(0, 3)) {
      const text = await unpackAll(body, true);
      expect(text.length).toBeGreaterThan(100_000);
      expect(noise.subarray(0, text.length).equals(text)).toBe(true);
    }
  });

  test('the limit holds for all frames together', async () => {
    const body = Buffer.concat(Array.from({ length: 5 }, () => pack(Buffer.alloc(1_000))));
    expect(unpackSync(body, false, 5_000)).toBeUndefined();
    expect(await unpack(body, false, 5_000)).toHaveLength(5_000);
    await expect(unpack(body, false, 4_999)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
    expect(() => unpackSync(pack(Buffer.alloc(50_000_000)), false, 100_000)).toThrow(
      expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }),
    );
  });

  test.each(ways)('%s, too many frames are an error', async (_name, unpackAll) => {
    const body = Buffer.concat(Array<Buffer>(10_001).fill(pack(Buffer.alloc(0))));
    await expect(unpackAll(body, true)).rejects.toMatchObject({ code: 'ERR_TOO_MANY_FRAMES' });
  });

  test('a window beyond 8 MB is refused', () => {
    const { zstdCompressSync, constants } = zlib as unknown as {
      zstdCompressSync: (body: Buffer, options: object) => Buffer;
      constants: { ZSTD_c_windowLog: number };
    };
    const body = zstdCompressSync(randomBytes(9_000_000), { params: { [constants.ZSTD_c_windowLog]: 24 } });
    expect(() => unpackSync(body, false, 1e8)).toThrow(
      expect.objectContaining({ code: 'ZSTD_error_frameParameter_windowTooLarge' }),
    );
  });
}
