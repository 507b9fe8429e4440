import type { ReadPage } from './read-page';
import type { PageHandler } from './page-handler';
import { MAX_COLUMNS, spanOf } from './table-rows';

interface OpenTable {
  readonly index: number;
  isSimple: boolean;
  columns: number;
  /** Of its longest row. */
  maxColumns: number;
}

/** What does not fit on a line of a table. */
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
 * Which tables of a page, in the order of their beginnings, hold data: two columns at least, and in their cells nothing but
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
