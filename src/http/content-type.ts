import { MIMEType } from 'whatwg-mimetype';
import { canonicalEncoding } from './charset/canonical-encoding';

/** What a Content-Type header says. */
export interface ContentType {
  /** Undefined when the header is absent or invalid. */
  readonly mime: MIMEType | undefined;
  /** Encoding that the `charset` parameter names; undefined when it names none. */
  readonly charset: string | undefined;
}

const known = new Map<string, ContentType>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 200;

/**
 * Parses a Content-Type. Results are cached, because targets send few different values and parsing takes as long as decoding a page
 * (measured).
 * @param header value of all its lines, joined by commas
 */
export function parseContentType(header = ''): ContentType {
  const before = known.get(header);
  if (before !== undefined) return before;
  const { mime, charset } = extractMimeType(header);
  const parsed = { mime, charset: canonicalEncoding(charset) };
  if (header.length > MAX_KNOWN_LENGTH) return parsed;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(header, parsed);
  return parsed;
}

/** Fetch §2.2.2, "extract a MIME type": the last valid type counts, and inherits the charset of earlier ones that are the same type. */
function extractMimeType(header: string): {
  readonly mime: MIMEType | undefined;
  readonly charset: string | undefined;
} {
  let mime: MIMEType | undefined;
  let charset: string | undefined;
  for (const value of splitValues(header)) {
    const next = MIMEType.parse(value) ?? undefined;
    if (next === undefined || next.essence === '*/*') continue;
    charset = next.parameters.get('charset') ?? (next.essence === mime?.essence ? charset : undefined);
    mime = next;
  }
  return { mime, charset };
}

/** Fetch §2.2.2, "get, decode, and split": values end at commas outside of quoted strings. */
function splitValues(header: string): readonly string[] {
  return header.includes(',') ? (header.match(/(?:"(?:[^"\\]|\\[^])*(?:"|$)|[^,"])+/g) ?? []) : [header];
}

/**
 * Whether a type is a "JSON MIME type" (MIME Sniffing Standard §4.6). Types for lines of JSON (ndjson, json-seq) are not, because such a
 * body is not one JSON value.
 */
export function isJsonType(contentType: string | undefined): boolean {
  const { mime } = parseContentType(contentType);
  if (mime === undefined) return false;
  return mime.subtype.endsWith('+json') || ['application/json', 'text/json'].includes(mime.essence);
}
