import { BadContentEncodingError } from '../body-errors';
import { codingSteps, lenientSteps } from './coding-steps';
import type { ContentCoding } from './content-codings';
import { decodeAtOnce } from './decode-at-once';
import type { AtOnceLimits } from './decode-at-once';
import { decodeInThread } from './decode-stream';
import type { DecodeOptions, PrefixOptions } from './decode-stream';

/** Limits for fetched bodies: below them, decoding takes the main thread 25 to 80 µs, less than handing the body to a thread (measured). */
const FETCHED: AtOnceLimits = { maxPackedBytes: 16 * 1024, maxUnpackedBytes: 64 * 1024, withSlow: true };
/**
 * Limits for stored bodies: a page of 20 kB takes 40 µs instead of 120 in a thread, a larger one goes there after 0.4 ms at most
 * (measured).
 */
const STORED: AtOnceLimits = { maxPackedBytes: 64 * 1024, maxUnpackedBytes: 256 * 1024, withSlow: false };

interface Decoding extends PrefixOptions {
  readonly contentEncoding: string | undefined;
  readonly atOnce: AtOnceLimits;
}

/**
 * Decodes a fetched body to learn whether all of it can be decoded and how large it becomes, and keeps only the beginning. Small pages,
 * which most are, are decoded synchronously.
 */
export const decodePrefix = (body: Buffer, contentEncoding: string, options: PrefixOptions): Buffer | Promise<Buffer> =>
  decode(body, { ...options, contentEncoding, atOnce: FETCHED });

/**
 * Decodes a stored body (RFC 9110 §8.4). As in browsers, words that name no coding, such as `none` or `utf-8`, are ignored, and of a
 * truncated body what arrived is decoded.
 */
export const decodeContent = async (
  body: Buffer,
  contentEncoding: string | undefined,
  { maxBytes }: Pick<DecodeOptions, 'maxBytes'>,
): Promise<Buffer> => decode(body, { maxBytes, prefixBytes: Infinity, isCut: true, contentEncoding, atOnce: STORED });

function decode(body: Buffer, decoding: Decoding): Buffer | Promise<Buffer> {
  // Answers to HEAD and 304s name the coding of a body that they do not have.
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
