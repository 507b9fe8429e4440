import fc from 'fast-check';
import { BodyCollector } from '../../src/fetch/body-collector';
import { ByteBudget } from '../../src/fetch/byte-budget';
import type { AnswerBody } from '../../src/fetch/engines/engine';

const MEGABYTE = 1024 * 1024;
const { signal } = new AbortController();

function bodyOf(chunks: readonly Buffer[]): AnswerBody {
  return {
    readInto: async (sink) => {
      for (const chunk of chunks) await sink(chunk);
    },
    abandon: () => undefined,
  };
}

function collect(chunks: readonly Buffer[], limitBytes: number, expectedBytes: number | undefined) {
  const budget = new ByteBudget({ capacityBytes: limitBytes + MEGABYTE, largestClaimBytes: limitBytes });
  const claim = budget.open();
  const collector = new BodyCollector(claim, {
    limitBytes,
    expectedBytes,
    reserve: (same, bytes) => same.reserve(bytes, signal),
  });
  return { claim, collector, reading: collector.readFrom(bodyOf(chunks)) };
}

test('whatever the chunks, known length or not, the bytes are those that came and so many are held', async () => {
  const chunk = fc.nat(90_000).chain((size) => fc.nat(255).map((byte) => Buffer.alloc(size, byte)));
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 8 }), fc.boolean(), async (chunks, isKnown) => {
      const whole = Buffer.concat(chunks);
      const { reading, collector, claim } = collect(chunks, MEGABYTE, isKnown ? whole.length : undefined);
      await reading;
      expect(claim.bytes).toBeGreaterThanOrEqual(whole.length);
      expect(collector.take().equals(whole)).toBe(true);
      expect(claim.bytes).toBe(whole.length);
    }),
    { numRuns: 200 },
  );
});

test.each([undefined, 5 * MEGABYTE + 7])(
  'five megabytes and a bit arrive, their length told as %s',
  async (expected) => {
    const whole = Buffer.alloc(5 * MEGABYTE + 7, 'everfetch');
    const chunks = Array.from({ length: Math.ceil(whole.length / 65_536) }, (_, index) =>
      whole.subarray(index * 65_536, (index + 1) * 65_536),
    );
    const { reading, collector, claim } = collect(chunks, 50 * MEGABYTE, expected);
    await reading;
    const taken = collector.take();
    expect(taken.equals(whole)).toBe(true);
    expect([claim.bytes, taken.buffer.byteLength]).toEqual([whole.length, whole.length]);
  },
);

test('a target that announces much and sends little holds little', async () => {
  const { reading, collector, claim } = collect([Buffer.from('x')], 50 * MEGABYTE, 50 * MEGABYTE);
  await reading;
  expect(claim.bytes).toBeLessThan(20_000);
  const taken = collector.take();
  expect([taken.toString(), taken.buffer.byteLength, claim.bytes]).toEqual(['x', 1, 1]);
});

test('a small part of a large chunk does not keep the rest of it alive', async () => {
  const { reading, collector } = collect([Buffer.alloc(60_000).subarray(0, 100)], MEGABYTE, 100);
  await reading;
  expect(collector.take().buffer.byteLength).toBe(100);
});

test('a body that came in one piece is not copied', async () => {
  const chunk = Buffer.alloc(20_000, 'x');
  const { reading, collector } = collect([chunk], MEGABYTE, undefined);
  await reading;
  expect(collector.take().buffer).toBe(chunk.buffer);
});

test.each([undefined, 200_000])('what came up to the limit can be taken, the length told as %s', async (expected) => {
  const chunks = [Buffer.alloc(70_000, 'a'), Buffer.alloc(130_000, 'b')];
  const { reading, collector, claim } = collect(chunks, 100_000, expected);
  await expect(reading).rejects.toMatchObject({ name: 'BodyTooLargeError', limitBytes: 100_000 });
  expect(collector.take().equals(Buffer.concat(chunks).subarray(0, 100_000))).toBe(true);
  expect(claim.bytes).toBe(100_000);
});

test('one larger than the limit in one piece is cut as well', async () => {
  const { reading, collector } = collect([Buffer.alloc(100_001)], 100_000, undefined);
  await expect(reading).rejects.toMatchObject({ name: 'BodyTooLargeError' });
  expect(collector.take()).toHaveLength(100_000);
});
