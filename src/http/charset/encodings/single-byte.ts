import { isAscii } from 'node:buffer';
import type { PartDecoder } from './part-decoder';
import { SINGLE_BYTE, SINGLE_BYTE_NAMES } from './encoding-data';
import { unpackIndex } from './unpack-index';

const REPLACEMENT = 0xfffd;

/** UTF-16 code units of the bytes from 0x80 on, by encoding. */
let tables: Map<string, Uint16Array> | undefined;

/** The single-byte decoder of the Encoding Standard (§9.1), byte by byte as its indexes say; undefined for other encodings. */
export function singleByteDecoder(encoding: string): PartDecoder | undefined {
  tables ??= unpackTables();
  const table = tables.get(encoding);
  return table && { decode: (bytes) => decodeBytes(bytes, table) };
}

function unpackTables(): Map<string, Uint16Array> {
  const points = unpackIndex(SINGLE_BYTE);
  const all = SINGLE_BYTE_NAMES.map((name, index): [string, Uint16Array] => [
    name,
    Uint16Array.from(points.subarray(index * 128, (index + 1) * 128), (point) => point || REPLACEMENT),
  ]);
  // §14.5: the upper half stands in a private area, for scripts that read bytes as text.
  return new Map([...all, ['x-user-defined', Uint16Array.from({ length: 128 }, (_, at) => 0xf780 + at)]]);
}

function decodeBytes(bytes: Buffer, table: Uint16Array): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  const units = new Uint16Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    units[at] = byte < 0x80 ? byte : (table[byte - 0x80] ?? REPLACEMENT);
  }
  return Buffer.from(units.buffer).toString('utf16le');
}
