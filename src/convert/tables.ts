import type { PageHandler } from './page-handler';
import type { ReadPage } from './read-page';

/** Nobody reads a table whose rows have more cells than this. */
export const MAX_COLUMNS = 100;

interface OpenTable {
  readonly index: number;
  isSimple: boolean;
  columns: number;
  /** Columns of its longest row. */
  maxColumns: number;
}

/** Elements that do not fit on a line of a table. */
const NOT_IN_CELLS = new Set([
  ...[
    'blockquote',
    'dir',
    'dl',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'listing',
    'menu',
    'ol',
    'pre',
    'table',
    'ul',
    'xmp',
  ],
  ...['article', 'aside', 'footer', 'form', 'header', 'main', 'nav', 'section'],
]);

/**
 * Finds which tables of a page, in the order of their beginnings, hold data: they have two columns at least, and in their cells nothing but
 * lines. The others lay out a page, and are read as the blocks they consist of.
 */
export function simpleTables(page: ReadPage): ReadonlySet<number> {
  const simple = new Set<number>();
  const open: OpenTable[] = [];
  let count = 0;
  const handler: PageHandler = {
    onOpen(name, attributes) {
      const table = open.at(-1);
      if (table !== undefined && NOT_IN_CELLS.has(name)) table.isSimple = false;
      if (name === 'table') {
        const isLayout = /^(?:presentation|none)$/i.test(attributes.get('role') ?? '');
        open.push({ index: count, isSimple: !isLayout, columns: 0, maxColumns: 0 });
        count += 1;
      }
      if (table === undefined) return;
      if (name === 'tr') table.columns = 0;
      if (name === 'td' || name === 'th') table.columns += spanOf(attributes.get('colspan'), MAX_COLUMNS);
      table.maxColumns = Math.max(table.maxColumns, table.columns);
    },
    onClose(name) {
      if (name !== 'table') return;
      const table = open.pop();
      if (table?.isSimple === true && table.maxColumns >= 2 && table.maxColumns <= MAX_COLUMNS) simple.add(table.index);
    },
    onText: () => undefined,
  };
  page.walk(handler);
  return simple;
}

/** The cells of a table, with empty ones where one spans several columns or rows. */
export class TableRows {
  readonly #rows: (readonly string[])[] = [];
  #row: string[] = [];
  /** For each column, how many further rows the cell above reaches into. */
  readonly #reaching: number[] = [];

  addCell(text: string, columns: number, rows: number): void {
    this.#skipReached();
    for (let i = 0; i < columns && this.#row.length < MAX_COLUMNS; i += 1) {
      this.#reaching[this.#row.length] = rows - 1;
      this.#row.push(i === 0 ? text : '');
    }
  }

  endRow(): void {
    this.#skipReached();
    if (this.#row.some((text) => text !== '')) this.#rows.push(this.#row);
    this.#row = [];
  }

  get rows(): readonly (readonly string[])[] {
    return this.#rows;
  }

  #skipReached(): void {
    for (let reach = this.#reaching[this.#row.length] ?? 0; reach > 0; reach = this.#reaching[this.#row.length] ?? 0) {
      this.#reaching[this.#row.length] = reach - 1;
      this.#row.push('');
    }
  }
}

/** Reads a `colspan` or `rowspan` (HTML Standard §4.9.11). */
export function spanOf(value: string | undefined, max: number): number {
  const span = /^\s*\d{1,5}/.exec(value ?? '') === null ? 1 : Number.parseInt(value ?? '', 10);
  return Math.min(Math.max(span, 1), max);
}
