import { PairDecoder } from './encodings/pair-decoder';
import { pairTables } from './encodings/pair-tables';
import type { PartDecoder } from './encodings/part-decoder';
import { singleByteDecoder } from './encodings/single-byte';
import { decodeWindows1252 } from './windows-1252';

/**
 * For a page that comes in parts. Where Node's own decoders do not follow the indexes of the Encoding Standard, ours do (Node 20.20 with its
 * ICU: windows-874, 1252, 1253, 1255, koi8-u, big5, euc-jp, euc-kr and shift_jis; iso-8859-16 it has not at all).
 * @param charset a name of the standard in lower case
 */
export function createPartDecoder(charset: string): PartDecoder {
  if (charset === 'windows-1252') return { decode: decodeWindows1252 };
  const tables = pairTables(charset);
  if (tables !== undefined) return new PairDecoder(tables);
  return singleByteDecoder(charset) ?? new TextDecoder(decoderNameOf(charset));
}

/** gbk has no decoder of its own in the standard (§10.1.1); Node's lacks € and the four-byte characters. */
const decoderNameOf = (charset: string): string => (charset === 'gbk' ? 'gb18030' : charset);
