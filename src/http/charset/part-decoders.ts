import { PairDecoder } from './encodings/pair-decoder';
import { pairTables } from './encodings/pair-tables';
import type { PartDecoder } from './encodings/part-decoder';
import { singleByteDecoder, decodeWindows1252 } from './encodings/single-byte';

/**
 * Creates a decoder for a page that comes in parts. It replaces those of Node's decoders that do not follow the indexes of the Encoding
 * Standard (Node 20.20 with its ICU: windows-874, 1252, 1253, 1255, koi8-u, big5, euc-jp, euc-kr and shift_jis; iso-8859-16 is missing).
 * @param charset name from the standard, in lower case
 */
export function createPartDecoder(charset: string): PartDecoder {
  if (charset === 'windows-1252') return { decode: decodeWindows1252 };
  const tables = pairTables(charset);
  if (tables !== undefined) return new PairDecoder(tables);
  return singleByteDecoder(charset) ?? new TextDecoder(decoderNameOf(charset));
}

/** In the standard, gbk is decoded as gb18030 (§10.1.1). Node's own decoder for gbk lacks € and the four-byte characters. */
const decoderNameOf = (charset: string): string => (charset === 'gbk' ? 'gb18030' : charset);
