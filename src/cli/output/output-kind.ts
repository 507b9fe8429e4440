import { statSync } from 'node:fs';
import { usageError } from '../cli-error';

/** What results are written as. */
export type OutputKind = 'ndjson' | 'folder' | 'archive';

export interface OutputPlace {
  readonly kind: OutputKind;
  /** Without a slash at its end. */
  readonly path: string;
}

/** Tells from its name what an output is. @throws CliError when the name does not say it */
export function outputPlaceOf(text: string): OutputPlace {
  const path = text.replace(/(?<=.)[/\\]+$/, '');
  if (path !== text || isFolder(path)) return { kind: 'folder', path };
  if (/\.warc\.gz$/i.test(path)) return { kind: 'archive', path };
  if (/\.(ndjson|jsonl)$/i.test(path)) return { kind: 'ndjson', path };
  throw usageError(
    `--out must be a file like results.ndjson, a folder like pages/ (with the slash), or a file like pages.warc.gz, not ${JSON.stringify(text)}.`,
  );
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
