import fc from 'fast-check';
import { coalesce } from '../../../src/pages/segments/segment-store';

test('keeps every byte in order and joins small neighbours', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 40 }), (parts, partBytes) => {
      const joined = [...coalesce(parts, partBytes)];
      expect(Buffer.concat(joined)).toEqual(Buffer.concat(parts));
      joined.slice(1).forEach((part, i) => expect(part.length + (joined[i]?.length ?? 0)).toBeGreaterThan(partBytes));
    }),
  );
});

test('does not copy a chunk that fills a part alone', () => {
  const large = Buffer.alloc(100);
  expect([...coalesce([Buffer.from('a'), large, Buffer.from('b')], 10)][1]).toBe(large);
});
