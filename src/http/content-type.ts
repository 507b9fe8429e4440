import { MIMEType } from 'whatwg-mimetype';
import { canonicalEncoding } from './charset/canonical-encoding';

/** What a Content-Type header says. */
export interface ContentType {
  /** Undefined where the header is absent or makes no sense. */
  readonly mime: MIMEType | undefined;
  /** The encoding that it names, if there is one of that name. */
  readonly charset: string | undefined;
}

const known = new Map<string, ContentType>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 200;

/**
 * Remembers what it has parsed: targets send few different ones, and parsing takes as long as decoding a page (measured).
 * @param header the value of all its lines, joined by commas
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

/** Fetch §2.2.2, "extract a MIME type": the last type that makes sense counts, and keeps the charset of those before that are the same. */
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

/** Fetch §2.2.2, "get, decode, and split": at commas that stand in no quoted string. */
function splitValues(header: string): readonly string[] {
  return header.includes(',') ? (header.match(/(?:"(?:[^"\\]|\\[^])*(?:"|$)|[^,"])+/g) ?? []) : [header];
}
