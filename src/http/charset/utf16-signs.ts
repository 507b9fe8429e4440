const LOOKED_AT_BYTES = 1_024;
/** Least share of ASCII in a page: markup and spaces are ASCII in every language. */
const ASCII_SHARE = 0.4;
const MIN_BYTES = 8;

/**
 * Recognises UTF-16 that is not declared: one byte of each ASCII character, always the same one, is zero, and there are no control
 * characters. Text in another encoding never looks like that.
 */
export function utf16WithoutBom(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const head = bytes.subarray(0, LOOKED_AT_BYTES);
  if (head.length < MIN_BYTES || !head.includes(0)) return undefined;
  if (isUtf16(head, 0, 1)) return 'utf-16le';
  return isUtf16(head, 1, 0) ? 'utf-16be' : undefined;
}

function isUtf16(bytes: Buffer, low: 0 | 1, high: 0 | 1): boolean {
  let ascii = 0;
  const units = bytes.length >> 1;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = (bytes[at + high] ?? 0) * 256 + (bytes[at + low] ?? 0);
    if (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return false;
    if (unit < 0x7f) ascii += 1;
  }
  return ascii >= units * ASCII_SHARE;
}

/** Encoding of a byte order mark, which overrules any declaration (Encoding Standard §6). */
export function bomCharset(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}
