import { CsvError, csvRows, separatorOf } from '../../../src/cli/input/csv-rows';
import type { CsvRow } from '../../../src/cli/input/csv-rows';

/** One URL with the options of its own, as the API takes it. */
export interface SubmittedLine {
  readonly url: string;
  readonly id?: string;
  readonly [option: string]: unknown;
}

export const formats = ['text', 'csv', 'ndjson'] as const;
export type Format = (typeof formats)[number];

export interface ReadUrls {
  readonly lines: readonly SubmittedLine[];
  /** What is wrong, the first problems only. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
  /** How many lines are wrong. */
  readonly problemCount: number;
  /** Columns of a CSV file that has a head. */
  readonly columns: readonly string[];
  /** The column that the URLs were read from. */
  readonly column?: string | undefined;
}

const SHOWN_PROBLEMS = 5;
const MAX_CLIENT_ID = 200;

const isWebUrl = (text: string): boolean => /^https?:\/\/[^/?#\s]/i.test(text);
const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** What a text is, by the name of its file, or else by how it begins. */
export function formatOf(text: string, fileName = ''): Format {
  if (/\.(ndjson|jsonl)$/i.test(fileName) || /^\ufeff?\s*\{/.test(text)) return 'ndjson';
  if (/\.(csv|tsv)$/i.test(fileName)) return 'csv';
  const [first = ''] = withoutMark(text)
    .trimStart()
    .split(/[\r\n]/, 1);
  return !isWebUrl(first) && /[,;\t]/.test(first) ? 'csv' : 'text';
}

/**
 * Reads URLs from a text. Nothing is thrown: what is wrong is named by its line, and the lines that are right are there as well.
 * @param column name of the column of a CSV file; without it, the first one whose name or content is a URL
 */
export function readUrls(
  text: string,
  { format, column }: { readonly format: Format; readonly column?: string | undefined },
): ReadUrls {
  switch (format) {
    case 'csv':
      return readCsv(text, column);
    case 'ndjson':
      return collected(linesOf(text), readJson);
    case 'text':
      return collected(linesOf(text), (line) => (isWebUrl(line) ? { url: line } : notAUrl(line)));
  }
}

type Numbered<Item> = readonly [number: number, item: Item];

function* linesOf(text: string): Generator<Numbered<string>, void, undefined> {
  const lines = withoutMark(text).split(/\r\n|\r|\n/);
  for (const [place, line] of lines.entries()) {
    const trimmed = line.trim();
    // Comments are usual in lists of URLs.
    if (trimmed !== '' && !trimmed.startsWith('#')) yield [place + 1, trimmed];
  }
}

const notAUrl = (text: string): string =>
  text === '' ? 'has no URL' : `“${text.slice(0, 60)}${text.length > 60 ? '…' : ''}” is no http or https URL`;

function collected<Item>(items: Iterable<Numbered<Item>>, read: (item: Item) => SubmittedLine | string): ReadUrls {
  const lines: SubmittedLine[] = [];
  const problems: { line: number; message: string }[] = [];
  let problemCount = 0;
  for (const [line, item] of items) {
    const one = read(item);
    if (typeof one !== 'string') {
      lines.push(one);
      continue;
    }
    problemCount += 1;
    if (problems.length < SHOWN_PROBLEMS) problems.push({ line, message: one });
  }
  return { lines, problems, problemCount, columns: [] };
}

function readJson(line: string): SubmittedLine | string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'string') return isWebUrl(value) ? { url: value } : notAUrl(value);
    if (typeof value !== 'object' || value === null || !('url' in value)) return 'has no url';
    if (typeof value.url !== 'string' || !isWebUrl(value.url)) return notAUrl(String(value.url));
    return { ...value, url: value.url };
  } catch {
    return 'is not valid JSON';
  }
}

function readCsv(text: string, wanted: string | undefined): ReadUrls {
  const { rows, unclosed } = rowsOf(withoutMark(text));
  const [first] = rows;
  const hasHead = first !== undefined && !first.cells.some((cell) => isWebUrl(cell.trim()));
  const columns = hasHead ? first.cells.map((cell) => cell.trim()) : [];
  const content = hasHead ? rows.slice(1) : rows;
  const place = columnOf({ columns, content, wanted });
  const idPlace = columns.findIndex((name) => /^id$/i.test(name));
  const items = content.map(({ line, cells }): Numbered<CsvRow['cells']> => [line, cells]);
  const read = collected(items, (cells): SubmittedLine | string => {
    const url = (cells[place] ?? '').trim();
    if (!isWebUrl(url)) return notAUrl(url);
    const id = idPlace === -1 ? '' : (cells[idPlace] ?? '').trim().slice(0, MAX_CLIENT_ID);
    return id === '' ? { url } : { url, id };
  });
  const named = { ...read, columns, column: columns[place] };
  if (unclosed === undefined) return named;
  const problems = [unclosed, ...read.problems].slice(0, SHOWN_PROBLEMS);
  return { ...named, problems, problemCount: read.problemCount + 1 };
}

/** The rows of a CSV text; with a quote that is never closed, those before it. */
function rowsOf(text: string): { readonly rows: readonly CsvRow[]; readonly unclosed?: ReadUrls['problems'][number] } {
  const rows: CsvRow[] = [];
  try {
    for (const row of csvRows(text, separatorOf(text))) rows.push(row);
    return { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows, unclosed: { line: error.line, message: 'has a quoted value that is never closed' } };
  }
}

interface ColumnSearch {
  readonly columns: readonly string[];
  readonly content: readonly CsvRow[];
  readonly wanted: string | undefined;
}

/** The place of the URLs: the column that is asked for, or the first with URLs in it, or one that is named so. */
function columnOf({ columns, content, wanted }: ColumnSearch): number {
  const asked = wanted === undefined ? -1 : columns.indexOf(wanted);
  if (asked !== -1) return asked;
  const withUrl = (content[0]?.cells ?? []).findIndex((cell) => isWebUrl(cell.trim()));
  if (withUrl !== -1) return withUrl;
  return Math.max(
    0,
    columns.findIndex((name) => /^(url|link|address)$/i.test(name)),
  );
}
