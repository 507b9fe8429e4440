import { inflateRawSync } from 'node:zlib';

/** Unpacks an index of `encoding-data.ts` to its code points by pointer, 0 where there is none. */
export function unpackIndex(packed: string): Uint32Array {
  const planes = inflateRawSync(Buffer.from(packed, 'base64'));
  const count = planes.length / 3;
  return Uint32Array.from(
    { length: count },
    (_, at) => (planes[at] ?? 0) | ((planes[at + count] ?? 0) << 8) | ((planes[at + 2 * count] ?? 0) << 16),
  );
}
