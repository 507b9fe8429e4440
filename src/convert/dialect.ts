import type { Piece } from './inline-run';

/** How the structure of a page is written. Every result is one line or several, separated by `\n`. */
export interface Dialect {
  /** @see LineWriterOptions */
  readonly lineGap: 1 | 2;
  readonly quoteMark: string;
  /** Undefined where none is written. */
  readonly rule: string | undefined;
  /** Whether an image is anything to write. */
  readonly hasImages: boolean;
  readonly paragraph: (pieces: readonly Piece[]) => string;
  readonly heading: (pieces: readonly Piece[], level: number) => string;
  readonly cell: (pieces: readonly Piece[]) => string;
  /** @param rows at least one, with at least one cell each */
  readonly table: (rows: readonly (readonly string[])[]) => string;
  readonly preformatted: (text: string, language: string | undefined) => string;
}
