import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { CliError, fileError, usageError } from '../cli-error';

export const inputFormats = ['txt', 'ndjson', 'csv'] as const;
export type InputFormat = (typeof inputFormats)[number];

/** URLs as they were given, before they are parsed. */
export interface Input {
  /** How messages call it. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly format: InputFormat;
}

/** Largest input that is read: some five million URLs. */
const MAX_BYTES = 512 * 1024 * 1024;

const FORMAT_OF: Readonly<Record<string, InputFormat>> = {
  '.txt': 'txt',
  '.urls': 'txt',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.tsv': 'csv',
};

export interface InputSource {
  readonly urls: readonly string[];
  /** Path of a file; `-` for stdin. */
  readonly file: string | undefined;
  readonly format: InputFormat | undefined;
}

/**
 * Reads all URLs into memory, so that what is checked, what is sent and what is remembered by its hash are the same bytes, even of
 * a pipe or of a file that is being changed.
 * @throws CliError when there are none, or when what the file holds is not text
 */
export async function readInput(
  { urls, file, format }: InputSource,
  { stdin, signal }: { readonly stdin: NodeJS.ReadableStream; readonly signal: AbortSignal },
): Promise<Input> {
  if (urls.length > 0 && urls[0] !== '-') {
    if (file !== undefined) throw usageError('give URLs, or a file with --file, and not both.');
    return { name: 'the command line', bytes: Buffer.from(urls.join('\n')), format: 'txt' };
  }
  const path = file ?? urls[0];
  if (path === undefined) throw usageError('no URL was given: give URLs, --file, or - to read them from stdin.');
  const name = path === '-' ? 'stdin' : path;
  const bytes = path === '-' ? await readAll(stdin, name, signal) : await readFile(path);
  assertText(name, bytes);
  return { name, bytes, format: format ?? FORMAT_OF[extname(name).toLowerCase()] ?? guessedFormat(bytes) };
}

async function readFile(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const stats = await file.stat();
      if (stats.size > MAX_BYTES) throw tooLarge(path);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError('the URLs cannot be read from', path, error);
  }
}

async function readAll(stream: NodeJS.ReadableStream, name: string, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  const stop = () => (stream as NodeJS.ReadableStream & { destroy?(): void }).destroy?.();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const part of stream) {
      const bytes = Buffer.from(part);
      length += bytes.length;
      if (length > MAX_BYTES) throw tooLarge(name);
      parts.push(bytes);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(parts);
}

const tooLarge = (name: string): CliError =>
  new CliError('file', `${name} has more than 512 MB; split it into several files.`);

/** First bytes of what people mistake for a list of URLs. */
const NOT_TEXT: readonly (readonly [string, string])[] = [
  ['1f8b', 'is packed with gzip: unpack it first, as with gunzip'],
  ['28b52ffd', 'is packed with zstd: unpack it first'],
  ['504b0304', 'is a ZIP file, or a spreadsheet such as xlsx: unpack it, or save it as CSV'],
  ['d0cf11e0', 'is an Office document: save it as CSV'],
  ['25504446', 'is a PDF'],
  ['89504e47', 'is a picture'],
  ['fffe', 'is UTF-16: save it as UTF-8'],
  ['feff', 'is UTF-16: save it as UTF-8'],
];

function assertText(name: string, bytes: Buffer): void {
  const start = bytes.subarray(0, 8).toString('hex');
  const known = NOT_TEXT.find(([prefix]) => start.startsWith(prefix));
  if (known !== undefined) throw new CliError('file', `${name} ${known[1]}.`);
  if (bytes.includes(0)) throw new CliError('file', `${name} is not text: it has NUL bytes.`);
}

/** What has no name that says it is told from its first character. */
const guessedFormat = (bytes: Buffer): InputFormat =>
  /^\s*\{/.test(
    bytes
      .subarray(0, 1_000)
      .toString('utf8')
      .replace(/^\ufeff/, ''),
  )
    ? 'ndjson'
    : 'txt';
