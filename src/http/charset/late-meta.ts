import { charsetOfMeta, declaredEncoding } from './meta-charset';

/** How far into a page a declaration is looked for that the prescan has not met: browsers find it whenever their parser comes to it. */
export const LATE_META_BYTES = 128 * 1024;

/** Elements whose content is text: a `<meta>` in there is none (HTML Standard §13.2.5.2 to §13.2.5.4, "raw text" and "RCDATA"). */
const TEXT_ELEMENTS = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title', 'xmp']);
/** Group 1 is the name, group 2 the attributes; in those, a `>` in quotes is not the end. */
const TAG = /<\/?([a-z][^\s/>]{0,40})((?:[^>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,4000})>/iy;
const MOST_BROKEN_TAGS = 100;

/** The encoding that a `<meta>` behind the first 1,024 bytes declares (HTML Standard §13.2.3.4, "changing the encoding while parsing"). */
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
    if (broken > MOST_BROKEN_TAGS) return undefined;
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
