import { canonicalEncoding } from './canonical-encoding';

/** Bytes in which the HTML Standard looks for a declaration first (§13.2.3.2, "prescan a byte stream"). */
export const PRESCAN_BYTES = 1_024;

/** A comment, a `<meta>` with its attributes in group 1, or any other tag; in the last two a `>` in quotes is not the end. */
const TOKEN =
  /<!--(?:-?>|[^]*?-->)|<meta(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)>|<\/?[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const CHARSET_IN_CONTENT = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i;
const XML_DECLARATION = /^<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/;

/** Encoding that a page declares by either form of `<meta>` or by its XML declaration. */
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

/**
 * Encoding of a label in a page. A page that could be read as ASCII up to its label is not UTF-16, so the standard takes that label for
 * UTF-8.
 */
export function declaredEncoding(label: string | undefined): string | undefined {
  if (label?.trim().toLowerCase() === 'x-user-defined') return 'windows-1252';
  const encoding = canonicalEncoding(label);
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? 'utf-8' : encoding;
}

/**
 * Bytes in which a declaration is looked for that the prescan did not reach. Browsers have no such limit, because their parser finds it.
 */
export const LATE_META_BYTES = 128 * 1024;

/**
 * Elements whose content is text, so that a `<meta>` in them is no element (HTML Standard §13.2.5.2 to §13.2.5.4, "raw text" and "RCDATA").
 */
const TEXT_ELEMENTS = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title', 'xmp']);
/** A tag: group 1 is its name, group 2 its attributes, in which a quoted `>` is not the end. */
const TAG = /<\/?([a-z][^\s/>]{0,40})((?:[^>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,4000})>/iy;
const MAX_BROKEN_TAGS = 100;

/** Encoding that a `<meta>` behind the first 1,024 bytes declares (HTML Standard §13.2.3.4, "changing the encoding while parsing"). */
export function lateMetaCharset(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1', 0, LATE_META_BYTES);
  let broken = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 2);
      if (end === -1) return undefined;
      at = end + 3;
      continue;
    }
    TAG.lastIndex = at;
    const [tag = '<', name = '', attributes = ''] = TAG.exec(text) ?? [];
    if (tag === '<' && /[a-z]/i.test(text[at + 1] ?? '')) broken += 1;
    if (broken > MAX_BROKEN_TAGS) return undefined;
    at += tag.length;
    if (name.toLowerCase() === 'meta') {
      const declared = declaredEncoding(charsetOfMeta(attributes));
      if (declared !== undefined) return declared;
    }
    if (tag[1] !== '/' && TEXT_ELEMENTS.has(name.toLowerCase())) at = endOfText(text, name, at);
  }
  return undefined;
}

function endOfText(text: string, name: string, at: number): number {
  const end = text.slice(at).search(new RegExp(`</${name}(?=[\\s/>])`, 'i'));
  return end === -1 ? text.length : at + end;
}
