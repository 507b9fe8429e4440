import { canonicalEncoding } from './canonical-encoding';

/** How far into a page the HTML Standard looks for a declaration (§13.2.3.2, "prescan a byte stream"). */
export const PRESCAN_BYTES = 1_024;

/** A comment, a `<meta>` with its attributes in group 1, or any other tag; in the last two a `>` in quotes is not the end. */
const TOKEN =
  /<!--(?:-?>|[^]*?-->)|<meta(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)>|<\/?[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const CHARSET_IN_CONTENT = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i;
const XML_DECLARATION = /^<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/;

/** The encoding that a page declares for itself, by either form of `<meta>` or by its XML declaration. */
export function metaCharset(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, PRESCAN_BYTES);
  for (const [, attributes] of head.matchAll(TOKEN)) {
    const declared = attributes === undefined ? undefined : declaredEncoding(charsetOfMeta(attributes));
    if (declared !== undefined) return declared;
  }
  const xml = XML_DECLARATION.exec(head);
  return declaredEncoding(xml?.[1] ?? xml?.[2]);
}

/** @param source the attributes of a `<meta>` */
export function charsetOfMeta(source: string): string | undefined {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? '');
  }
  const charset = attributes.get('charset');
  if (charset !== undefined) return charset;
  if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'content-type') return undefined;
  const content = CHARSET_IN_CONTENT.exec(attributes.get('content') ?? '');
  return content?.[1] ?? content?.[2] ?? content?.[3];
}

/** Whoever can be read as ASCII up to here is not UTF-16, so the standard takes that word for UTF-8. */
export function declaredEncoding(label: string | undefined): string | undefined {
  if (label?.trim().toLowerCase() === 'x-user-defined') return 'windows-1252';
  const encoding = canonicalEncoding(label);
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? 'utf-8' : encoding;
}
