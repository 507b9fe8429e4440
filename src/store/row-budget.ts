/** Rows that one request for a list reads at most. */
export const MAX_ROWS_READ = 50_000;

/** Rows that a listed item costs at most when it is read whole: its own and those it belongs to. */
const ROWS_PER_ITEM = 5;

/** Counts the rows that a list has read while it searched. When they are spent, the page ends early and the next one goes on. */
export class RowBudget {
  #left: number;
  #isSpent = false;

  /** @param limit items of the page */
  constructor(limit: number) {
    this.#left = MAX_ROWS_READ - ROWS_PER_ITEM * (limit + 1);
  }

  /** Whether the search ended because of it. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** How many of these can still be read, when each costs that many rows; 0 ends the search. */
  allows(wanted: number, rowsEach: number): number {
    const allowed = Math.min(wanted, Math.floor(this.#left / rowsEach));
    if (allowed < 1) this.#isSpent = true;
    return Math.max(allowed, 0);
  }

  take(rows: number): void {
    this.#left -= rows;
  }
}
