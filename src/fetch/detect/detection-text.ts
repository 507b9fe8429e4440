import type { HeaderPair } from '../../http/header-value';
import { mayHoldMarker } from './may-hold-marker';

/** How much of a page detection sees, unpacked. */
export const PREFIX_BYTES = 16 * 1024;

/** The text that detection looks through. Decoding and looking are dear, so it is empty where there can be no marker. */
export function detectionText(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): string {
  const bytes = utf8Of(beginning);
  return mayHoldMarker(bytes, statusCode, headers) ? bytes.toString('utf8') : '';
}

/**
 * The beginning of a page in UTF-8, as far as markers need it. They are ASCII, and so the same bytes in every charset but UTF-16, which
 * has a byte order mark or a NUL beside its first letter. Looking at two bytes is all that it costs other pages.
 */
export function utf8Of(beginning: Buffer): Buffer {
  const [first, second] = beginning;
  const isLittle = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  if (!isLittle && !isBig) return beginning;
  const whole = beginning.subarray(0, beginning.length & ~1);
  const text = (isBig ? Buffer.from(whole).swap16() : whole).toString('utf16le');
  return Buffer.from(text.replace(/^\ufeff/, ''));
}
