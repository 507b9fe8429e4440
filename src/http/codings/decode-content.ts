import { BadContentEncodingError } from '../body-errors';
import { codingSteps, lenientSteps } from './coding-steps';
import type { ContentCoding } from './content-codings';
import { decodeAtOnce } from './decode-at-once';
import type { AtOnceLimits } from './decode-at-once';
import { decodeInThread } from './decode-stream';
import type { DecodeOptions, PrefixOptions } from './decode-stream';

/** Up to here decoding takes the main thread 25 to 80 µs, less than handing the body over (measured). */
const FETCHED: AtOnceLimits = { maxPackedBytes: 16 * 1024, maxUnpackedBytes: 64 * 1024, withSlow: true };
/** A page of 20 kB takes 40 µs instead of 120 with a thread; what unpacks to more is given to one after 0.4 ms at most (measured). */
const STORED: AtOnceLimits = { maxPackedBytes: 64 * 1024, maxUnpackedBytes: 256 * 1024, withSlow: false };

interface Decoding extends PrefixOptions {
  readonly contentEncoding: string | undefined;
  readonly atOnce: AtOnceLimits;
}

/**
 * Decodes a fetched body: proves that the whole of it can be decoded, and its size, and keeps only the beginning. Most pages, which are
 * small, are decoded synchronously.
 */
export const decodePrefix = (body: Buffer, contentEncoding: string, options: PrefixOptions): Buffer | Promise<Buffer> =>
  decode(body, { ...options, contentEncoding, atOnce: FETCHED });

/**
 * Decodes a stored body (RFC 9110 §8.4). Words that name no coding, such as `none` or `utf-8`, are passed over, and a body that is cut short
 * gives what came of it, both as in browsers.
 */
export const decodeContent = async (
  body: Buffer,
  contentEncoding: string | undefined,
  { maxBytes }: Pick<DecodeOptions, 'maxBytes'>,
): Promise<Buffer> => decode(body, { maxBytes, prefixBytes: Infinity, isCut: true, contentEncoding, atOnce: STORED });

function decode(body: Buffer, decoding: Decoding): Buffer | Promise<Buffer> {
  // A HEAD request or a 304 names the encoding of a body that is not there.
  if (body.length === 0) return body;
  try {
    const strict = decodeSteps(body, codingSteps(decoding.contentEncoding), decoding);
    return strict instanceof Promise ? orLeniently(() => strict, body, decoding) : strict;
  } catch (error) {
    return orLeniently(
      () => {
        throw error;
      },
      body,
      decoding,
    );
  }
}

async function orLeniently(strict: () => Promise<Buffer>, body: Buffer, decoding: Decoding): Promise<Buffer> {
  const { contentEncoding, throwIfOver } = decoding;
  try {
    try {
      return await strict();
    } catch (error) {
      throwIfOver?.();
      if (!(error instanceof BadContentEncodingError)) throw error;
      const lenient = lenientSteps(codingSteps(contentEncoding));
      if (lenient === undefined) throw error;
      return await decodeSteps(body, lenient, decoding);
    }
  } catch (error) {
    throwIfOver?.();
    throw error;
  }
}

const decodeSteps = (body: Buffer, steps: readonly ContentCoding[], decoding: Decoding): Buffer | Promise<Buffer> =>
  decodeAtOnce(body, steps, decoding.contentEncoding, decoding) ??
  decodeInThread(body, steps, decoding.contentEncoding, decoding);
