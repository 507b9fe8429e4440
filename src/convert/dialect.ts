import { inlineMarkdown, longestBacktickRun } from './inline-markdown';
import type { Piece } from './inline-run';

/** How the structure of a page is written. Every result is one line or several, separated by `\n`. */
export interface Dialect {
  /** {@link LineWriterOptions.lineGap} */
  readonly lineGap: 1 | 2;
  readonly quoteMark: string;
  /** Text of a horizontal rule; undefined: none is written. */
  readonly rule: string | undefined;
  /** Whether images are written. */
  readonly hasImages: boolean;
  readonly paragraph: (pieces: readonly Piece[]) => string;
  readonly heading: (pieces: readonly Piece[], level: number) => string;
  readonly cell: (pieces: readonly Piece[]) => string;
  /** @param rows at least one, with at least one cell each */
  readonly table: (rows: readonly (readonly string[])[]) => string;
  readonly preformatted: (text: string, language: string | undefined) => string;
}

/** Plain text: list items are marked, and tabs separate the cells of a row. */
export const TEXT: Dialect = {
  lineGap: 1,
  quoteMark: '',
  rule: undefined,
  hasImages: false,
  paragraph: (pieces) => textOf(pieces, '\n'),
  heading: (pieces) => textOf(pieces, ' '),
  cell: (pieces) => textOf(pieces, ' '),
  table: (rows) => rows.map((row) => row.join('\t').trimEnd()).join('\n'),
  preformatted: (text) => text,
};

const textOf = (pieces: readonly Piece[], lineBreak: string): string =>
  pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.kind === 'break' ? lineBreak : '')).join('');

/** CommonMark, with the tables and the strikethrough of GitHub Flavored Markdown. */
export const MARKDOWN: Dialect = {
  lineGap: 2,
  quoteMark: '> ',
  rule: '* * *', // Many readers take three dashes at the beginning of a document for front matter.
  hasImages: true,
  paragraph: (pieces) => inlineMarkdown(pieces, {}),
  heading: (pieces, level) =>
    `${'#'.repeat(level)} ${inlineMarkdown(pieces, { isOneLine: true }).replace(/#$/, '\\#')}`,
  cell: (pieces) => inlineMarkdown(pieces, { isOneLine: true, isCell: true }),
  table,
  preformatted(text, language = '') {
    const fence = '`'.repeat(Math.max(3, longestBacktickRun(text) + 1));
    return `${fence}${language}\n${text}\n${fence}`;
  },
};

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  const columns = rows.reduce((max, { length }) => Math.max(max, length), 0);
  const full = [...head, ...Array.from({ length: columns - head.length }, () => '')];
  // A row may lack cells at its end, which are empty; the head may not, because it says how many columns there are.
  return [full, full.map(() => '---'), ...others].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
