import { MIMEType } from 'whatwg-mimetype';
import { canonicalEncoding } from './canonical-encoding';

/** What a Content-Type header says. */
export interface ContentType {
  /** Undefined where the header is absent or makes no sense. */
  readonly mime: MIMEType | undefined;
  /** The encoding that it names, if Node knows it. */
  readonly charset: string | undefined;
}

const known = new Map<string, ContentType>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 200;

/** Remembers what it has parsed: targets send few different ones, and parsing takes as long as decoding a page (measured). */
export function parseContentType(header = ''): ContentType {
  const before = known.get(header);
  if (before !== undefined) return before;
  const mime = MIMEType.parse(header) ?? undefined;
  const parsed = { mime, charset: canonicalEncoding(mime?.parameters.get('charset')) };
  if (header.length > MAX_KNOWN_LENGTH) return parsed;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(header, parsed);
  return parsed;
}
