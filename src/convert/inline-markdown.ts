import { dropDoubtfulEmphasis } from './drop-doubtful-emphasis';
import { escapeDestination, escapeLineStart, escapeMarkdown } from './escape-markdown';
import type { Piece, Style } from './inline-run';

export interface InlineMarkdownOptions {
  /** A heading or a cell: breaks become spaces, and no block begins in it. */
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
  // A space on both sides is taken off again (CommonMark §6.1).
  const pad = /^[` ]|[` ]$/.test(text) && text.trim() !== '' ? ' ' : '';
  return fence + pad + text + pad + fence;
}

export const longestBacktickRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
