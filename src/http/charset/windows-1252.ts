/**
 * What 0x80 … 0x9F are in windows-1252 (WHATWG Encoding Standard, index-windows-1252). All other bytes are their own code point.
 * TextDecoder leaves these 32 as control characters from Node 20.18.3 and 22.13.0 on (nodejs/node#60888).
 */
const HIGH_CONTROLS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

export function decodeWindows1252(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (!/[\x80-\x9f]/.test(text)) return text;
  // Unit by unit, because a callback per character takes seconds on a body that is made of them.
  const units = Buffer.allocUnsafe(bytes.length * 2);
  let usedBytes = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const isMoved = byte >= 0x80 && byte <= 0x9f;
    usedBytes = units.writeUInt16LE(isMoved ? HIGH_CONTROLS.charCodeAt(byte - 0x80) : byte, usedBytes);
  }
  return units.toString('utf16le');
}
