import type { CliContext } from '../context';
import { fitted, printable } from '../terminal';

type Printing = Pick<CliContext, 'print' | 'paint' | 'stdout'>;

const widthOf = (text: string): number => [...text].length;
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(width - widthOf(text), 0));

/** Prints rows under their headings. On a terminal the last column is cut so that a row stays a line; in a pipe nothing is cut. */
export async function printTable(
  { print, paint, stdout }: Printing,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const cells = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, column) =>
    Math.max(widthOf(heading), ...cells.map((row) => widthOf(row[column] ?? ''))),
  );
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : padded(cell, widths[column] ?? 0))).join('  ');
  const limit = stdout.isTTY === true ? (stdout.columns ?? Infinity) : Infinity;
  const lines = cells.map((row) => fitted(lineOf(row), limit));
  await print([paint('bold', fitted(lineOf(headings), limit)), ...lines].map((line) => `${line}\n`).join(''));
}

/** Prints names and values, one pair a line; pairs without a value are left out. */
export async function printFields(
  { print, paint }: Pick<Printing, 'print' | 'paint'>,
  fields: readonly (readonly [string, string | undefined])[],
): Promise<void> {
  const shown = fields.filter((field): field is readonly [string, string] => field[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => widthOf(name)));
  await print(shown.map(([name, value]) => `${paint('dim', padded(name, width))}  ${printable(value)}\n`).join(''));
}
