import { CliError } from '../cli-error';
import { printable } from '../terminal';
import { CsvError, csvRows, separatorOf } from './csv-rows';
import type { Input } from './read-input';

/** A line of a batch, as `POST /batches` takes it. */
export interface BatchLine extends Readonly<Record<string, unknown>> {
  readonly url: string;
}

export interface ParseOptions {
  /** Column of a CSV file that holds the URLs. @default url */
  readonly column: string | undefined;
  /** Fields of lines that have none of their own. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

const MAX_PROBLEMS = 3;

/**
 * Parses all lines before anything is sent, because of a split input the first batches would run already when a later one is refused.
 * @throws CliError that names the first lines that are wrong
 */
export function parseInput(input: Input, options: ParseOptions): BatchLine[] {
  const text = textOf(input);
  const lines: BatchLine[] = [];
  const problems: string[] = [];
  let wrong = 0;
  for (const { line, value, problem } of entriesOf(input, text, options)) {
    const found = problem ?? urlProblem(value?.['url']);
    if (found === undefined)
      lines.push({ ...options.defaults, ...value } as BatchLine); // as: `urlProblem` has seen a text
    else if ((wrong += 1) <= MAX_PROBLEMS) problems.push(`line ${line} ${found}`);
  }
  if (wrong > 0) {
    const more = wrong > MAX_PROBLEMS ? `; and ${wrong - MAX_PROBLEMS} more` : '';
    throw new CliError('file', `nothing was submitted, because of ${input.name}: ${problems.join('; ')}${more}.`);
  }
  if (lines.length === 0) throw new CliError('file', `${input.name} holds no URL.`);
  return lines;
}

function textOf({ name, bytes }: Input): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // removes a byte order mark
  } catch {
    throw new CliError('file', `${name} is not UTF-8; save it as UTF-8.`);
  }
}

interface Entry {
  readonly line: number;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

function entriesOf(input: Input, text: string, { column }: ParseOptions): Iterable<Entry> {
  if (column !== undefined && input.format !== 'csv')
    throw new CliError('usage', `--column is for CSV, and ${input.name} is read as ${input.format}; add --format csv.`);
  switch (input.format) {
    case 'txt':
      return plainLines(text);
    case 'ndjson':
      return jsonLines(text);
    case 'csv':
      return csvLines(input, text, column);
  }
}

/** A URL per line. Lines that begin with # are comments: no URL does. */
function* plainLines(text: string): Generator<Entry> {
  for (const [index, each] of text.split('\n').entries()) {
    const url = each.trim();
    if (url !== '' && !url.startsWith('#')) yield { line: index + 1, value: { url } };
  }
}

function* jsonLines(text: string): Generator<Entry> {
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue;
    const line = index + 1;
    const value = jsonOf(each);
    if (typeof value === 'string') yield { line, value: { url: value } };
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield { line, value: value as Record<string, unknown> };
    else yield { line, problem: `is not a JSON object like {"url": "https://…"}, but ${shown(each)}` };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* csvLines({ name }: Input, text: string, column = 'url'): Generator<Entry> {
  try {
    const rows = csvRows(text, separatorOf(text));
    const first = rows.next();
    const names = first.done === true ? [] : first.value.cells.map((cell) => cell.trim());
    const index = names.findIndex((each) => each.toLowerCase() === column.toLowerCase());
    if (index === -1)
      throw new CliError(
        'file',
        `${name} has no column ${JSON.stringify(column)}, but ${names.slice(0, 20).map(shown).join(', ')}; name one with --column.`,
      );
    for (const { line, cells } of rows) yield { line, value: { url: (cells[index] ?? '').trim() } };
  } catch (error) {
    if (error instanceof CsvError) throw new CliError('file', `${name}, line ${error.line}: ${error.message}.`);
    throw error;
  }
}

const MAX_SHOWN = 60;
const shown = (text: string): string =>
  JSON.stringify(printable(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text));

/** A first look; the service decides. */
function urlProblem(url: unknown): string | undefined {
  if (typeof url !== 'string') return url === undefined ? 'has no url' : 'has a url that is not a text';
  if (!/^https?:\/\//i.test(url)) return `is not an http or https URL: ${shown(url)}`;
  try {
    new URL(url);
    return undefined;
  } catch {
    return `is not a URL: ${shown(url)}`;
  }
}
