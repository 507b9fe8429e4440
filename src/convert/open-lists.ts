const MAX_LIST_NUMBER = 999_999_999; // A number with more digits makes no list item (CommonMark §5.2).

interface List {
  /** Number of the next item; undefined in a list without numbers. */
  number: number | undefined;
  /** Difference between the numbers of an item and of the next one; -1 where the list is reversed. */
  readonly step: 1 | -1;
  /** Columns that the mark of the last item takes; undefined before the first item. */
  markWidth: number | undefined;
  /** Whether an item of the list is open. */
  isInItem: boolean;
}

/** A list item that has begun. */
export interface ListItem {
  /** The text `- `, or the item's number. */
  readonly mark: string;
  readonly end: () => void;
}

/** The lists around a place on a page, with the numbers of their items. */
export class OpenLists {
  readonly #lists: List[] = [];

  /** The list that was opened last and is still open. */
  get innermost(): Readonly<List> | undefined {
    return this.#lists.at(-1);
  }

  /** @param number number of the first item; undefined: its items have no numbers */
  open(number: number | undefined, step: 1 | -1): void {
    this.#lists.push({ number, step, markWidth: undefined, isInItem: false });
  }

  /** Closes the innermost list. */
  close(): void {
    this.#lists.pop();
  }

  /**
   * Begins an item of the innermost list. One that stands in no list gets a mark as well.
   * @param value the number that the item sets for itself and those after it, as it stands on the page
   */
  beginItem(value: string | undefined): ListItem {
    const list = this.#lists.at(-1);
    if (list === undefined) return { mark: '- ', end: () => undefined };
    if (list.number !== undefined) list.number = numberOf(value) ?? list.number;
    const mark = list.number === undefined ? '- ' : `${list.number}. `;
    const wasInItem = list.isInItem;
    if (list.number !== undefined) list.number = Math.min(Math.max(list.number + list.step, 0), MAX_LIST_NUMBER);
    list.markWidth = mark.length;
    list.isInItem = true;
    return { mark, end: () => (list.isInItem = wasInItem) };
  }
}

/** Reads the number that an attribute sets; undefined where it sets none that can be written. */
export function numberOf(value: string | undefined): number | undefined {
  const number = Number.parseInt(value ?? '', 10);
  return number >= 0 && number <= MAX_LIST_NUMBER ? number : undefined;
}
