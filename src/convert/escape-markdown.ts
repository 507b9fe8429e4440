/**
 * Text of a page as markdown that means the same text (CommonMark 0.31 §2.4, with the tables and strikethrough of GFM).
 * Escaped is only what would mean something: `snake_case` and `a < b` stay as they are.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<&~!]/g, (character, at: number) =>
    isPlain(character, text, at) ? character : `\\${character}`,
  );
}

function isPlain(character: string, text: string, at: number): boolean {
  switch (character) {
    case '_': // within a word it is no mark (§6.2)
      return isWordBefore(text, at) && isWordAt(text, at + 1);
    case '<':
      return at + 1 < text.length && !/[a-z/!?]/i.test(text.charAt(at + 1));
    case '&':
      ENTITY.lastIndex = at;
      return !ENTITY.test(text);
    case '!': // before a link it would make an image of it
      return at + 1 < text.length;
    default:
      return false;
  }
}

/** Longer names are in no table of entities (§2.5). */
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/iy;

const isWordAt = (text: string, at: number): boolean => /^[\p{L}\p{N}]/u.test(text.slice(at, at + 2));
const isWordBefore = (text: string, at: number): boolean => /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at));

/** At the beginning of a line, escapes what would begin a block of another kind (§4 and §5). */
export function escapeLineStart(line: string): string {
  if (/^(?:#{1,6}(?:\s|$)|>|\||\+(?:\s|$)|-(?:[\s|:-]|$)|:-|=(?:[\s=]|$))/.test(line)) return `\\${line}`;
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

/** As the destination of a link (§6.3). */
export const escapeDestination = (url: string): string =>
  url
    .replaceAll(' ', '%20')
    .replace(/[()<>\\`]/g, '\\$&')
    .replace(/&(?=[#\w]+;)/g, '\\&');
