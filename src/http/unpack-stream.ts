import { Readable, pipeline } from 'node:stream';
import { lenientSteps } from './codings/coding-steps';
import type { ContentCoding } from './codings/content-codings';
import { BadEncodingError, TooLargeError, stepsFor } from './content-decode';
import type { DecodeLimits } from './content-decode';

/** Enough to see what a body is in. */
const BEGINNING_BYTES = 512;

/** Reads a body from its beginning each time it is called. */
export type Parts = () => AsyncIterable<Buffer>;

/**
 * Undoes a Content-Encoding while the body is read, as `decodeContent` does at once.
 * @returns parts that reject with BadEncodingError where the body is not what its header says, with TooLargeError where it unpacks
 *   to more than is allowed, and with the reader's own error where that fails
 * @throws BadEncodingError for an encoding that we cannot undo
 */
export function unpackStream(body: Parts, contentEncoding: string | undefined, limits: DecodeLimits): Parts {
  const steps = stepsFor(contentEncoding);
  const undone = (each: readonly ContentCoding[]): Parts =>
    each.reduce<Parts>((parts, step) => () => decoded(parts(), step, contentEncoding ?? '', limits), body);
  const lenient = lenientSteps(steps);
  return lenient === undefined ? undone(steps) : () => withSecondTry(undone(steps), undone(lenient));
}

/** What the strict way refuses, and be it at the very end, the lenient one goes on with: both give the same bytes as far as they come. */
async function* withSecondTry(strict: Parts, lenient: Parts): AsyncGenerator<Buffer> {
  let given = 0;
  const strictly = strict()[Symbol.asyncIterator]();
  try {
    for (let next = await attempt(strictly); next !== 'bad'; next = await attempt(strictly)) {
      if (next.done === true) return;
      given += next.value.length;
      yield next.value;
    }
  } finally {
    await strictly.return?.();
  }
  for await (const part of lenient()) {
    const known = Math.min(given, part.length);
    given -= known;
    if (known < part.length) yield part.subarray(known);
  }
}

async function attempt(parts: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer> | 'bad'> {
  try {
    return await parts.next();
  } catch (error) {
    if (error instanceof BadEncodingError) return 'bad';
    throw error;
  }
}

async function* decoded(
  parts: AsyncIterable<Buffer>,
  step: ContentCoding,
  header: string,
  { maxBytes }: DecodeLimits,
): AsyncGenerator<Buffer> {
  let failure: { readonly error: unknown } | undefined;
  const iterator = parts[Symbol.asyncIterator]();
  const beginning = await take(iterator, BEGINNING_BYTES);
  if (beginning.length === 0) return;
  const rest = async function* () {
    yield beginning;
    // Around the reading only: what the output fails with is thrown in at the `yield`.
    const read = () =>
      iterator.next().catch((error: unknown) => {
        failure = { error };
        throw error;
      });
    for (let next = await read(); next.done !== true; next = await read()) yield next.value;
  };
  const output = step.createStage(beginning, true);
  // What goes wrong comes out of the output.
  pipeline(Readable.from(rest(), { objectMode: false }), output, () => undefined);
  try {
    let bytes = 0;
    for await (const part of output as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) throw new TooLargeError(maxBytes);
      yield part;
    }
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    throw error === output.errored ? new BadEncodingError(header, { cause: error }) : error;
  } finally {
    output.destroy();
    await iterator.return?.();
  }
}

/** The first bytes, however small the parts are; fewer where there are no more. */
async function take(iterator: AsyncIterator<Buffer>, bytes: number): Promise<Buffer> {
  let taken = Buffer.alloc(0);
  while (taken.length < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken = Buffer.concat([taken, next.value]);
  }
  return taken;
}
