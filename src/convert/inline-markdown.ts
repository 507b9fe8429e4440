import { dropDoubtfulEmphasis } from './drop-doubtful-emphasis';
import type { Piece, Style } from './inline-run';

interface InlineMarkdownOptions {
  /** True for a heading or a cell: breaks become spaces, and no block can begin in it. */
  readonly isOneLine?: boolean;
  readonly isCell?: boolean;
}

const MARKS: Readonly<Record<Exclude<Style, 'link'>, string>> = { strong: '**', emphasis: '*', deleted: '~~' };

/** The text of a paragraph in CommonMark, without emphasis whose marks might be read as text. */
export function inlineMarkdown(
  pieces: readonly Piece[],
  { isOneLine = false, isCell = false }: InlineMarkdownOptions,
): string {
  let isLineStart = !isOneLine;
  const written = dropDoubtfulEmphasis(isCell ? pieces.map(inCell) : pieces).map((piece) => {
    const isAtStart = isLineStart;
    isLineStart = piece.kind === 'break' && !isOneLine;
    switch (piece.kind) {
      case 'break':
        return isOneLine ? ' ' : '\\\n';
      case 'image':
        return `![${escapeMarkdown(piece.alt)}](${escapeDestination(piece.url)})`;
      case 'text': {
        if (piece.isCode) return codeSpan(piece.text);
        const text = escapeMarkdown(piece.text);
        return isAtStart ? escapeLineStart(text) : text;
      }
      case 'open':
        return piece.style === 'link' ? '[' : MARKS[piece.style];
      case 'close':
        return piece.style === 'link' ? `](${escapeDestination(piece.url)})` : MARKS[piece.style];
    }
  });
  const text = written.join('');
  return isCell ? text.replaceAll('|', '\\|') : text;
}

/** In a cell a bar must be escaped, also in code, where a backslash before the bar would be read with that of the escape. */
const inCell = (piece: Piece): Piece =>
  piece.kind === 'text' && /\\(\||$)/.test(piece.text) ? { ...piece, isCode: false } : piece;

function codeSpan(text: string): string {
  const fence = '`'.repeat(text.includes('`') ? longestBacktickRun(text) + 1 : 1);
  // Readers take off a space on both sides (CommonMark §6.1).
  const pad = /^[` ]|[` ]$/.test(text) && text.trim() !== '' ? ' ' : '';
  return fence + pad + text + pad + fence;
}

export const longestBacktickRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

/**
 * Writes text as markdown that means the same text (CommonMark 0.31 §2.4, with the tables and strikethrough of GFM).
 * Only what would mean something is escaped: `snake_case` and `a < b` stay as they are.
 */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<&~!]/g, (character, at: number) =>
    isPlain(character, text, at) ? character : `\\${character}`,
  );
}

function isPlain(character: string, text: string, at: number): boolean {
  switch (character) {
    case '_': // Within a word it is no mark (§6.2).
      return isWordBefore(text, at) && isWordAt(text, at + 1);
    case '<':
      return at + 1 < text.length && !/[a-z/!?]/i.test(text.charAt(at + 1));
    case '&':
      ENTITY.lastIndex = at;
      return !ENTITY.test(text);
    case '!': // Before a link it would make an image of it.
      return at + 1 < text.length;
    default:
      return false;
  }
}

/** An entity (§2.5). None has a longer name. */
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/iy;

const isWordAt = (text: string, at: number): boolean => /^[\p{L}\p{N}]/u.test(text.slice(at, at + 2));
const isWordBefore = (text: string, at: number): boolean => /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at));

/** Escapes the beginning of a line where it would begin a block of another kind (§4 and §5). */
function escapeLineStart(line: string): string {
  if (/^(?:#{1,6}(?:\s|$)|>|\||\+(?:\s|$)|-(?:[\s|:-]|$)|:-|=(?:[\s=]|$))/.test(line)) return `\\${line}`;
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

/** Writes a URL as the destination of a link (§6.3). */
const escapeDestination = (url: string): string =>
  url
    .replaceAll(' ', '%20')
    .replace(/[()<>\\`]/g, '\\$&')
    .replace(/&(?=[#\w]+;)/g, '\\&');
