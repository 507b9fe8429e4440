import { Readable, pipeline } from 'node:stream';
import { BadContentEncodingError, BodyTooLargeError } from '../body-errors';
import { codingSteps, lenientSteps } from './coding-steps';
import type { ContentCoding } from './content-codings';

export interface DecodeOptions {
  /** Largest output of each step, in bytes. */
  readonly maxBytes: number;
  /** Whether the body was cut off on purpose, so that truncation is not an error. */
  readonly isCut: boolean;
  /** Called for each part; throws to stop the decoding. */
  readonly throwIfOver?: () => void;
}

export interface PrefixOptions extends DecodeOptions {
  /** Bytes of the beginning that are kept. */
  readonly prefixBytes: number;
}

/** Reads a body from its beginning each time it is called. */
export type Parts = () => AsyncIterable<Buffer>;

/** Bytes that suffice to see whether a body is in a coding, and to tell zlib from a bare deflate stream. */
const BEGINNING_BYTES = 512;

/**
 * Decodes a Content-Encoding while the body is read. Of a truncated body what arrived is decoded, as in browsers.
 * @returns `body` itself when there is nothing to decode. Otherwise parts that reject with BadContentEncodingError when the body is not in
 *   the coding that its header names, with BodyTooLargeError when it unpacks to more than is allowed, and with the reader's own error
 * @throws BadContentEncodingError for more than five codings
 */
export function decodeStream(
  body: Parts,
  contentEncoding: string | undefined,
  { maxBytes }: Pick<DecodeOptions, 'maxBytes'>,
): Parts {
  const steps = codingSteps(contentEncoding);
  if (steps.length === 0) return body;
  const lenient = lenientSteps(steps);
  const decoded = (each: readonly ContentCoding[]) => () =>
    decodedParts(body(), each, contentEncoding, { maxBytes, isCut: true });
  return lenient === undefined ? decoded(steps) : () => withSecondTry(decoded(steps), decoded(lenient));
}

/** Decodes in the thread pool, part by part, without keeping the result in memory. */
function decodedParts(
  body: Buffer | AsyncIterable<Buffer>,
  steps: readonly ContentCoding[],
  contentEncoding: string | undefined,
  options: DecodeOptions,
): AsyncIterable<Buffer> {
  const [first, ...others] = steps;
  if (first === undefined) return Buffer.isBuffer(body) ? Readable.from([body]) : body;
  return others.reduce(
    (parts, step) => decodedStep(parts, step, contentEncoding, options),
    decodedStep(body, first, contentEncoding, options),
  );
}

/** Decodes a whole body in the thread pool and keeps its beginning. */
export async function decodeInThread(
  body: Buffer,
  steps: readonly ContentCoding[],
  contentEncoding: string | undefined,
  options: PrefixOptions,
): Promise<Buffer> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const part of decodedParts(body, steps, contentEncoding, options)) {
    if (keptBytes >= options.prefixBytes) continue;
    kept.push(part.subarray(0, options.prefixBytes - keptBytes));
    keptBytes += part.length;
  }
  return Buffer.concat(kept);
}

/** Continues with the lenient decoders when the strict ones fail, even at the very end: up to there, both give the same bytes. */
async function* withSecondTry(strict: Parts, lenient: Parts): AsyncGenerator<Buffer> {
  let given = 0;
  const strictly = strict()[Symbol.asyncIterator]();
  try {
    for (let next = await nextOrBad(strictly); next !== 'bad'; next = await nextOrBad(strictly)) {
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

async function nextOrBad(parts: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer> | 'bad'> {
  try {
    return await parts.next();
  } catch (error) {
    if (error instanceof BadContentEncodingError) return 'bad';
    throw error;
  }
}

async function* decodedStep(
  input: Buffer | AsyncIterable<Buffer>,
  { createStage }: ContentCoding,
  contentEncoding: string | undefined,
  { maxBytes, isCut, throwIfOver }: DecodeOptions,
): AsyncGenerator<Buffer> {
  let failure: { readonly error: unknown } | undefined;
  const iterator = Buffer.isBuffer(input) ? undefined : input[Symbol.asyncIterator]();
  const beginning = Buffer.isBuffer(input) ? input : await take(iterator, BEGINNING_BYTES);
  if (beginning.length === 0) return;
  const stage = createStage(beginning, isCut);
  if (iterator === undefined) stage.end(beginning);
  else {
    const parts = startingWith(beginning, iterator, (error) => (failure = { error }));
    // An error of the reader comes out of the stage as well.
    pipeline(Readable.from(parts, { objectMode: false }), stage, () => undefined);
  }
  try {
    let bytes = 0;
    for await (const part of stage as AsyncIterable<Buffer>) {
      throwIfOver?.();
      bytes += part.length;
      if (bytes > maxBytes) throw new BodyTooLargeError(maxBytes);
      yield part;
    }
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    throw error === stage.errored ? new BadContentEncodingError(contentEncoding, { cause: error }) : error;
  } finally {
    stage.destroy();
    await iterator?.return?.();
  }
}

/** @param onFailure called only with errors of the reader: those of the output are thrown in at the `yield` */
async function* startingWith(
  beginning: Buffer,
  rest: AsyncIterator<Buffer>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  yield beginning;
  const read = () =>
    rest.next().catch((error: unknown) => {
      onFailure(error);
      throw error;
    });
  for (let next = await read(); next.done !== true; next = await read()) yield next.value;
}

/** Reads the first bytes, however small the parts are; returns fewer when the body ends before. */
async function take(iterator: AsyncIterator<Buffer> | undefined, bytes: number): Promise<Buffer> {
  let taken = Buffer.alloc(0);
  while (taken.length < bytes) {
    const next = await iterator?.next();
    if (next === undefined || next.done === true) break;
    taken = Buffer.concat([taken, next.value]);
  }
  return taken;
}
