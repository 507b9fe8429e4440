const BANG = 0x21;
const SLASH = 0x2f;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SPACE = 0x20;

/** Elements whose content is not visible, as in `visibleText`. */
const HIDDEN = ['script', 'style', 'template', 'svg', 'head'].map((name) => Buffer.from(name));

/**
 * Whether HTML certainly shows more than this many characters, white space not counted. It is one pass, which ends as soon as it knows.
 * It never counts a character that `visibleText` might leave out.
 */
export function showsMoreThan(html: Buffer, characters: number): boolean {
  let shown = 0;
  let isInTag = false;
  for (let at = 0; at < html.length; at += 1) {
    const byte = html[at] ?? 0;
    if (byte === LESS_THAN) {
      const end = endOfComment(html, at) ?? endOfHidden(html, at);
      if (end === undefined) isInTag = true;
      else at = end - 1;
    } else if (byte === GREATER_THAN) isInTag = false;
    else if (!isInTag && isShown(byte) && ++shown > characters) return true;
  }
  return false;
}

/** Whether a byte counts as a character. Each character of UTF-8 counts at most once, and none that may be white space: C2, E1 to E3 and EF begin some. */
function isShown(byte: number): boolean {
  if (byte < 0x80) return byte > SPACE;
  return byte > 0xc2 && (byte < 0xe1 || byte > 0xe3) && byte !== 0xef;
}

/** The end of the comment that begins at `at`; undefined when none does. A comment that does not end takes the rest. */
function endOfComment(html: Buffer, at: number): number | undefined {
  if (html[at + 1] !== BANG || html.toString('latin1', at, at + 4) !== '<!--') return undefined;
  const end = html.indexOf('-->', at + 4);
  return end === -1 ? html.length : end + 3;
}

/** The end of the hidden element that begins at `at`; undefined when none does. As in `visibleText`, an end tag inside a comment does not count. */
function endOfHidden(html: Buffer, at: number): number | undefined {
  const name = HIDDEN.find((each) => isWordAt(html, at + 1, each));
  if (name === undefined) return undefined;
  let next = at + 1;
  for (;;) {
    const open = html.indexOf(LESS_THAN, next);
    if (open === -1) return html.length;
    const end = endOfComment(html, open);
    if (end === undefined && html[open + 1] === SLASH && isWordAt(html, open + 2, name)) {
      let close = open + 2 + name.length;
      while (isAsciiSpace(html[close])) close += 1;
      if (html[close] === GREATER_THAN) return close + 1;
    }
    next = end ?? open + 1;
  }
}

/** @param word in lower case */
function isWordAt(html: Buffer, at: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index += 1)
    if (((html[at + index] ?? 0) | 0x20) !== word[index]) return false;
  return !/\w/.test(String.fromCharCode(html[at + word.length] ?? SPACE));
}

function isAsciiSpace(byte: number | undefined): boolean {
  return byte === SPACE || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
