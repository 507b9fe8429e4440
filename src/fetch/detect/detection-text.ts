import type { HeaderPair } from '../../http/header-value';
import { mayHoldMarker } from './may-hold-marker';

/** How many bytes of an unpacked page detection sees. */
export const PREFIX_BYTES = 16 * 1024;

/** The text that detection searches. It is empty when there can be no marker, because decoding and searching are costly. */
export function detectionText(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): string {
  const bytes = utf8Of(beginning);
  return mayHoldMarker(bytes, statusCode, headers) ? bytes.toString('utf8') : '';
}

/**
 * The beginning of a page in UTF-8, as far as markers need it. They are ASCII, and so the same bytes in every charset but UTF-16, which
 * has a byte order mark or a NUL beside its first letter. For other pages it only looks at two bytes.
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
