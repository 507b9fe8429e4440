import type { HeaderPair } from '../../http/header-value';
import { mayHoldMarker } from './may-hold-marker';
import { utf8Of } from './utf8-of';

/** How much of a page detection sees, unpacked. */
export const PREFIX_BYTES = 16 * 1024;

/** The text that detection looks through. Decoding and looking are dear, so it is empty where there can be no marker. */
export function detectionText(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): string {
  const bytes = utf8Of(beginning);
  return mayHoldMarker(bytes, statusCode, headers) ? bytes.toString('utf8') : '';
}
