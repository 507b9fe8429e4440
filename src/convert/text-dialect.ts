import type { Dialect } from './dialect';
import type { Piece } from './inline-run';

/** Nothing but the text: list items are marked, the cells of a row stand apart by tabs. */
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
