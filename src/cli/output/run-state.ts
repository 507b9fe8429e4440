import { readFile } from 'node:fs/promises';
import { CliError, fileError } from '../cli-error';
import type { OutputKind } from './output-kind';
import { replaceFile, syncFolderOf } from './durable-file';

/** A batch whose results go to the output. */
export interface BatchProgress {
  readonly id: string;
  /** Number of URLs in the batches before it. */
  readonly base: number;
  /** Behind this line of its results everything is still to be written. */
  readonly cursor?: string;
  /** Whether everything has been written. */
  readonly isDone?: true;
}

/** What is noted beside an output, so that the same command again goes on where it stopped. */
export interface RunState {
  readonly version: 1;
  readonly service: string;
  /** Hash of the input and of all options. */
  readonly request: string;
  readonly output: OutputKind;
  /** Idempotency keys of the submissions begin with it. */
  readonly submission: string;
  /** Batches that the input makes. */
  readonly parts: number;
  /** When the next batch was tried to be submitted first. */
  readonly submittingSince?: string;
  readonly batches: readonly BatchProgress[];
  /** Bytes of the output that are whole and durable. */
  readonly length: number;
  readonly counts: { readonly finished: number; readonly failed: number; readonly cancelled: number };
  readonly isDone?: true;
}

export const statePathOf = (outputPath: string): string => `${outputPath}.everfetch.json`;

/** @returns undefined when nothing is noted. @throws CliError when the note cannot be read */
export async function readRunState(path: string): Promise<RunState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('what was done so far cannot be read from', path, error);
  }
  const state = parsed(text);
  if (state === undefined)
    throw new CliError('file', `${path} is not what everfetch writes there; remove it and the output to begin anew.`);
  return state;
}

function parsed(text: string): RunState | undefined {
  try {
    const state = JSON.parse(text) as Partial<RunState> | null; // as: the fields that decide are checked here; nobody else writes them
    return state?.version === 1 && Array.isArray(state.batches) && typeof state.length === 'number'
      ? (state as RunState)
      : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRunState(path: string, state: RunState): Promise<void> {
  try {
    await replaceFile(path, `${JSON.stringify(state, undefined, 2)}\n`);
    await syncFolderOf(path);
  } catch (error) {
    throw fileError('what was done so far cannot be noted in', path, error);
  }
}
