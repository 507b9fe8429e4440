/** More cells than this in a row are no table that anybody reads. */
export const MAX_COLUMNS = 100;

/** The cells of a table, with empty ones where one spans several columns or rows. */
export class TableRows {
  readonly #rows: (readonly string[])[] = [];
  #row: string[] = [];
  /** By column: how many further rows the cell above reaches into. */
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

/** @param value of a `colspan` or `rowspan` (HTML Standard §4.9.11) */
export function spanOf(value: string | undefined, max: number): number {
  const span = /^\s*\d{1,5}/.exec(value ?? '') === null ? 1 : Number.parseInt(value ?? '', 10);
  return Math.min(Math.max(span, 1), max);
}
