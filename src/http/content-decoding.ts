import { codingSteps, lenientSteps } from './codings/coding-steps';
import { contentCodings } from './codings/content-codings';
import type { ContentCoding } from './codings/content-codings';
import { BadContentEncodingError, BodyTooLargeError } from './body-errors';
import { unpackSmall, unpackStream } from './unpack';
import type { UnpackOptions } from './unpack';

/** Whether a body in this coding can be read; `identity` and `*` can. */
export function isDecodable(coding: string): boolean {
  const name = coding.trim().toLowerCase();
  return ['', '*', 'identity'].includes(name) || contentCodings.has(name);
}

/**
 * Undoes a Content-Encoding: proves that the whole of it can be undone, and its size, and keeps only the beginning. At once for most pages,
 * which are small and in one coding.
 */
export function unpackPrefix(body: Buffer, contentEncoding: string, options: UnpackOptions): Buffer | Promise<Buffer> {
  const coding = contentCodings.get(contentEncoding);
  if (coding !== undefined && body.length > 0) {
    try {
      const unpacked = unpackSmall(body, [coding], options);
      if (unpacked !== undefined) return unpacked;
    } catch {
      // The long way knows what it means.
    }
  }
  return unpackAnyPrefix(body, contentEncoding, options);
}

async function unpackAnyPrefix(body: Buffer, contentEncoding: string, options: UnpackOptions): Promise<Buffer> {
  // A HEAD request or a 304 names the encoding of a body that is not there.
  if (body.length === 0) return body;
  try {
    const steps = codingSteps(contentEncoding);
    return await undo(body, steps, options).catch((error: unknown) => {
      options.throwIfOver();
      const lenient = error instanceof BodyTooLargeError ? undefined : lenientSteps(steps);
      if (lenient === undefined) throw error;
      return undo(body, lenient, options);
    });
  } catch (error) {
    options.throwIfOver();
    if (error instanceof BodyTooLargeError) throw error;
    throw new BadContentEncodingError(contentEncoding, { cause: error });
  }
}

const undo = async (body: Buffer, steps: readonly ContentCoding[], options: UnpackOptions): Promise<Buffer> =>
  unpackSmall(body, steps, options) ?? unpackStream(body, steps, options);
