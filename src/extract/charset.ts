import { isUtf8 } from 'node:buffer';
import { MIMEType } from 'whatwg-mimetype';
import { canonicalEncoding } from './canonical-encoding';
import { decodeEucKr } from './euc-kr';
import { metaCharset } from './meta-charset';
import { decodeWindows1252 } from './windows-1252';

export interface DecodedText {
  readonly text: string;
  /** The name of the WHATWG Encoding Standard, such as `utf-8` or `windows-1252`. */
  readonly charset: string;
}

/**
 * A page as Unicode text, in the encoding a browser would take (HTML Standard §13.2.3):
 * byte order mark, Content-Type, the page's own declaration, then utf-8 if it is valid and windows-1252 if not.
 */
export function decodeText(bytes: Buffer, contentType: string | undefined): DecodedText {
  const charset =
    bomCharset(bytes) ?? declaredCharset(bytes, contentType) ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252');
  return { text: decodeAs(bytes, charset), charset };
}

/** The encoding that a byte order mark stands for. It counts more than any declaration (Encoding Standard §6). */
export function bomCharset(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** The encoding that a Content-Type names, if Node knows it. */
export function headerCharset(contentType: string | undefined): string | undefined {
  return canonicalEncoding(MIMEType.parse(contentType ?? '')?.parameters.get('charset'));
}

function declaredCharset(bytes: Buffer, contentType: string | undefined): string | undefined {
  const named = headerCharset(contentType);
  if (named !== undefined) return named;
  const type = MIMEType.parse(contentType ?? '');
  // In a script or in JSON the text of a <meta> is data.
  return type === null || type.isHTML() || type.isXML() ? metaCharset(bytes) : undefined;
}

function decodeAs(bytes: Buffer, charset: string): string {
  switch (charset) {
    case 'windows-1252':
      return decodeWindows1252(bytes);
    case 'euc-kr':
      return decodeEucKr(bytes);
    case 'gbk': // has no decoder of its own in the standard (§10.1.1); Node's lacks € and the four-byte characters
      return new TextDecoder('gb18030').decode(bytes);
    default:
      return new TextDecoder(charset).decode(bytes);
  }
}
