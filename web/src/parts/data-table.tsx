import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly id: string;
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the end. */
  readonly isNumber?: boolean;
  /** Takes the room that the others leave, and is cut off where it does not fit. */
  readonly isWide?: boolean;
  /** Narrow screens show a row as a card; there the head stands before the value unless this is set. */
  readonly isUnlabelled?: boolean;
}

export interface DataTableProps<Row> {
  /** Says what the table holds, to readers of screens. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Shown instead of a table without rows. */
  readonly empty: ComponentChildren;
}

/**
 * Rows and columns. On narrow screens each row is a card; what is laid out as a card is no table to browsers any more, so that the
 * roles are said as well.
 */
export function DataTable<Row>({ caption, columns, rows, rowKey, empty }: DataTableProps<Row>) {
  if (rows.length === 0) return <>{empty}</>;
  return (
    <div class="table-frame" tabIndex={0} role="group" aria-label={caption}>
      <table class="data-table" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ id, head, isNumber, isWide }) => (
              <th key={id} scope="col" role="columnheader" class={cellClass(isNumber, isWide)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map(({ id, head, cell, isNumber, isWide, isUnlabelled }) => (
                <td
                  key={id}
                  role="cell"
                  class={cellClass(isNumber, isWide)}
                  data-label={isUnlabelled === true || typeof head !== 'string' ? undefined : head}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cellClass = (isNumber = false, isWide = false): string | undefined =>
  isNumber ? 'number' : isWide ? 'wide' : undefined;
