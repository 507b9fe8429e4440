import type { Batch, BatchLine } from './api-types';
import { lineOf } from './batch-fields';
import { ApiError } from './errors';
import type { SubmitOptions } from './requests';

export const MAX_LINES = 50_000;
/** The service takes 64 MB. */
const MAX_BYTES = 60_000_000;

export interface SubmitManyOptions extends SubmitOptions {
  /** @default 50000, the most that a batch takes */
  readonly linesPerBatch?: number | undefined;
}

type Lines = Iterable<string | BatchLine> | AsyncIterable<string | BatchLine>;

/**
 * Submits any number of lines, in as many batches as that takes. Lines are read when the batch before has been taken, and while the
 * key has as many unfinished URLs as it may, the next batch waits.
 */
export async function* submitMany(
  submit: (text: string, options: SubmitOptions) => Promise<Batch>,
  lines: Lines,
  { linesPerBatch = MAX_LINES, idempotencyKey, signal }: SubmitManyOptions,
): AsyncGenerator<Batch, void, undefined> {
  let linesBefore = 0;
  let number = 0;
  for await (const { text, count } of chunksOf(lines, Math.min(linesPerBatch, MAX_LINES))) {
    number += 1;
    const own = idempotencyKey === undefined ? undefined : `${idempotencyKey}-${number}`;
    yield await submit(text, { idempotencyKey: own, signal }).catch((error: unknown) => {
      throw error instanceof ApiError ? numberedFrom(linesBefore, error) : error;
    });
    linesBefore += count;
  }
}

async function* chunksOf(
  lines: Lines,
  maxLines: number,
): AsyncGenerator<{ readonly text: string; readonly count: number }> {
  const encoder = new TextEncoder();
  let texts: string[] = [];
  let bytes = 0;
  for await (const line of lines) {
    const text = lineOf(line);
    const size = encoder.encode(text).length;
    if (texts.length === maxLines || (texts.length > 0 && bytes + size > MAX_BYTES)) {
      yield { text: texts.join(''), count: texts.length };
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += size;
  }
  if (texts.length > 0) yield { text: texts.join(''), count: texts.length };
}

/** The service counts the lines of one upload; the caller knows those of the whole. */
function numberedFrom(linesBefore: number, error: ApiError): ApiError {
  if (linesBefore === 0) return error;
  const numbered = (text: string): string =>
    text.replace(/^line (\d+)/, (_, line: string) => `line ${Number(line) + linesBefore}`);
  const details = error.details.map(({ path, message }) => ({ path: numbered(path), message }));
  const { status, code, requestId, retryAfterMs } = error;
  const Class = error.constructor as typeof ApiError;
  return new Class(numbered(error.message), { status, code, details, requestId, retryAfterMs });
}
