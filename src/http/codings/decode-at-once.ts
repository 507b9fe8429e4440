import { BadContentEncodingError, BodyTooLargeError } from '../body-errors';
import type { ContentCoding } from './content-codings';
import type { PrefixOptions } from './decode-stream';

/** Limits of the bodies that are decoded on the calling thread, because handing them to the thread pool would take longer than the work. */
export interface AtOnceLimits {
  readonly maxPackedBytes: number;
  readonly maxUnpackedBytes: number;
  /** Whether this includes decoders that are slow to start. */
  readonly withSlow: boolean;
}

/**
 * Decodes on the calling thread; returns undefined when the body is one for the thread pool.
 * @throws BadContentEncodingError when the body is not in the coding that its header names, BodyTooLargeError over `maxBytes`
 */
export function decodeAtOnce(
  body: Buffer,
  steps: readonly ContentCoding[],
  contentEncoding: string | undefined,
  { maxBytes, prefixBytes, isCut, atOnce }: PrefixOptions & { readonly atOnce: AtOnceLimits },
): Buffer | undefined {
  if (steps.length > 0 && body.length > atOnce.maxPackedBytes) return undefined;
  if (!atOnce.withSlow && steps.some(({ isSlow }) => isSlow)) return undefined;
  const limitBytes = Math.max(1, Math.min(maxBytes, atOnce.maxUnpackedBytes)); // zlib accepts no limit below 1
  let bytes = body;
  try {
    for (const { unpack } of steps) if (bytes.length > 0) bytes = unpack(bytes, isCut, limitBytes);
  } catch (error) {
    if (!isOverLimit(error)) throw new BadContentEncodingError(contentEncoding, { cause: error });
    if (maxBytes > limitBytes) return undefined;
    throw new BodyTooLargeError(maxBytes);
  }
  if (bytes.length > maxBytes) throw new BodyTooLargeError(maxBytes);
  return bytes.length > prefixBytes ? bytes.subarray(0, prefixBytes) : bytes;
}

const isOverLimit = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
