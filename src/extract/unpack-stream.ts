import { Readable, pipeline } from 'node:stream';
import { BadEncodingError, TooLargeError, decodersFor } from './content-decode';
import type { DecodeLimits, Decoder } from './content-decode';

/** Reads a body from its beginning each time it is called. */
export type Parts = () => AsyncIterable<Buffer>;

/**
 * Undoes a Content-Encoding while the body is read, as `decodeContent` does at once.
 * @returns parts that reject with BadEncodingError where the body is not what its header says, with TooLargeError where it unpacks
 *   to more than is allowed, and with the reader's own error where that fails
 * @throws BadEncodingError for an encoding that we cannot undo
 */
export function unpackStream(body: Parts, contentEncoding: string | undefined, limits: DecodeLimits): Parts {
  return decodersFor(contentEncoding).reduce<Parts>(
    (parts, decoder) => () => decoded(parts(), decoder, contentEncoding ?? '', limits),
    body,
  );
}

async function* decoded(
  parts: AsyncIterable<Buffer>,
  decoder: Decoder,
  header: string,
  { maxBytes }: DecodeLimits,
): AsyncGenerator<Buffer> {
  let failure: { readonly error: unknown } | undefined;
  const iterator = parts[Symbol.asyncIterator]();
  const beginning = await take(iterator, 2);
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
  const output = decoder.stream(beginning);
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
