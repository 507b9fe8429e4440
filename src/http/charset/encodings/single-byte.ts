import { isAscii } from 'node:buffer';
import { SINGLE_BYTE, SINGLE_BYTE_NAMES } from './encoding-data';
import type { PartDecoder } from './part-decoder';
import { unpackIndex } from './unpack-index';

const REPLACEMENT = 0xfffd;

/** UTF-16 code units of the bytes from 0x80 on, by encoding. */
let tables: Map<string, Uint16Array> | undefined;

/** Creates a single-byte decoder of the Encoding Standard (§9.1); undefined for other encodings. */
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
  // §14.5 maps the upper half to a private area, for scripts that read bytes as text.
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

/**
 * Characters of the bytes 0x80 to 0x9F in windows-1252 (WHATWG Encoding Standard, index-windows-1252). All other bytes are their own code
 * points. From Node 20.18.3 and 22.13.0 on, TextDecoder makes control characters of these 32 (nodejs/node#60888).
 */
const HIGH_CONTROLS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** Decodes windows-1252, the encoding of most pages that are not UTF-8. */
export function decodeWindows1252(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (!/[\x80-\x9f]/.test(text)) return text;
  // A callback per character would take seconds on a large body.
  const units = Buffer.allocUnsafe(bytes.length * 2);
  let usedBytes = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const isMoved = byte >= 0x80 && byte <= 0x9f;
    usedBytes = units.writeUInt16LE(isMoved ? HIGH_CONTROLS.charCodeAt(byte - 0x80) : byte, usedBytes);
  }
  return units.toString('utf16le');
}
