import { Readable, pipeline } from 'node:stream';
import { BadEncodingError, decodersFor } from './content-decode';
import type { Decoder } from './content-decode';

/** Reads a body from its beginning each time it is called. */
export type Parts = () => AsyncIterable<Buffer>;

/**
 * Undoes a Content-Encoding while the body is read, as `decodeContent` does at once.
 * @returns parts that reject with BadEncodingError where the body is not what its header says, and with the reader's own error
 *   where that fails
 * @throws BadEncodingError for an encoding that we cannot undo
 */
export function unpackStream(body: Parts, contentEncoding: string | undefined): Parts {
  return decodersFor(contentEncoding).reduce<Parts>(
    (parts, decoder) => () => decoded(parts(), decoder, contentEncoding ?? ''),
    body,
  );
}

async function* decoded(parts: AsyncIterable<Buffer>, decoder: Decoder, header: string): AsyncGenerator<Buffer> {
  let failure: { readonly error: unknown } | undefined;
  const iterator = parts[Symbol.asyncIterator]();
  const beginning = await take(iterator, 2);
  if (beginning.length === 0) return;
  const rest = async function* () {
    yield beginning;
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  const output = decoder.stream(beginning);
  // What goes wrong comes out of the output.
  pipeline(Readable.from(rest(), { objectMode: false }), output, () => undefined);
  try {
    for await (const part of output) yield part as Buffer;
  } catch (error) {
    throw failure === undefined ? new BadEncodingError(header, { cause: error }) : failure.error;
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
