/** One row, with the line on which it begins. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Thrown for a quote that is never closed. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  readonly line: number;

  constructor(line: number) {
    super('a quoted value is never closed');
    this.line = line;
  }
}

/** The separator of the first line: the one of comma, semicolon and tab that occurs most often. */
export function separatorOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1);
  const count = (separator: string) => first.split(separator).length;
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** Reads CSV (RFC 4180): values may be quoted, and then hold separators, line ends and doubled quotes. Blank lines are passed over. */
export function* csvRows(text: string, separator: string): Generator<CsvRow> {
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const begin = line;
    const cells: string[] = [];
    for (;;) {
      const cell = text[at] === '"' ? quotedAt(text, at, { separator, line: begin }) : plainAt(text, at, separator);
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      if (text[at] !== separator) break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    line += 1;
    if (cells.length > 1 || cells[0] !== '') yield { line: begin, cells };
  }
}

interface Cell {
  readonly value: string;
  readonly end: number;
  /** Line ends in the value. */
  readonly lines: number;
}

function plainAt(text: string, from: number, separator: string): Cell {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { value: text.slice(from, end), end, lines: 0 };
}

function quotedAt(text: string, from: number, row: { readonly separator: string; readonly line: number }): Cell {
  let value = '';
  for (let at = from + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw new CsvError(row.line);
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const lines = value.split('\n').length - 1;
      // RFC 4180 has nothing behind the closing quote. What programs write there is taken as part of the value.
      const rest = plainAt(text, quote + 1, row.separator);
      return { value: value + rest.value, end: rest.end, lines };
    }
    value += '"';
    at = quote + 2;
  }
}
