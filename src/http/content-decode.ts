import { codingSteps, lenientSteps } from './codings/coding-steps';
import type { ContentCoding } from './codings/content-codings';

/**
 * Up to here a body is unpacked at once: handing it to a thread and collecting the parts takes longer than the work (measured,
 * 20 kB page: 120 µs instead of 40). What unpacks to more stops there, after 0.4 ms at most, and is given to a thread.
 */
const AT_ONCE_BYTES = 64 * 1024;
const AT_ONCE_MAX_OUTPUT = 256 * 1024;
/** A response cut short still gives what came, as in browsers. */
const IS_CUT = true;

/** Thrown when a body unpacks to more than the caller allows. */
export class TooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`body unpacks to more than ${limitBytes} bytes`);
    this.name = 'TooLargeError';
    this.limitBytes = limitBytes;
  }
}

/** Thrown when a body is not in the content-encoding that its header names, or in one that we cannot undo. */
export class BadEncodingError extends Error {
  readonly contentEncoding: string;

  constructor(contentEncoding: string, options?: ErrorOptions) {
    super(`body cannot be decoded as content-encoding ${JSON.stringify(contentEncoding.slice(0, 100))}`, options);
    this.name = 'BadEncodingError';
    this.contentEncoding = contentEncoding;
  }
}

export interface DecodeLimits {
  /** Of each step and of the result. */
  readonly maxBytes: number;
}

/** Undoes a Content-Encoding (RFC 9110 §8.4). Words that name no coding, such as `none` or `utf-8`, are passed over as browsers do. */
export async function decodeContent(
  body: Buffer,
  contentEncoding: string | undefined,
  { maxBytes }: DecodeLimits,
): Promise<Buffer> {
  // A HEAD request or a 304 names the encoding of a body that is not there.
  if (body.length === 0) return body;
  const steps = stepsFor(contentEncoding);
  try {
    return await decodeSteps(body, steps, maxBytes);
  } catch (error) {
    const lenient = error instanceof TooLargeError ? undefined : lenientSteps(steps);
    if (lenient === undefined) throw meaningOf(error, contentEncoding);
    return decodeSteps(body, lenient, maxBytes).catch((again: unknown) => {
      throw meaningOf(again, contentEncoding);
    });
  }
}

/**
 * What undoes a Content-Encoding, in this order.
 * @throws BadEncodingError for more than can be undone
 */
export function stepsFor(contentEncoding: string | undefined): readonly ContentCoding[] {
  try {
    return codingSteps(contentEncoding);
  } catch (error) {
    throw new BadEncodingError(contentEncoding ?? '', { cause: error });
  }
}

async function decodeSteps(body: Buffer, steps: readonly ContentCoding[], maxBytes: number): Promise<Buffer> {
  let bytes = body;
  for (const step of steps) bytes = bytes.length === 0 ? bytes : await decodeStep(bytes, step, maxBytes);
  if (bytes.length > maxBytes) throw new TooLargeError(maxBytes);
  return bytes;
}

async function decodeStep(bytes: Buffer, step: ContentCoding, maxBytes: number): Promise<Buffer> {
  const limit = Math.max(1, maxBytes); // zlib takes no limit below 1
  return (bytes.length <= AT_ONCE_BYTES ? atOnce(bytes, step, limit) : undefined) ?? inThread(bytes, step, maxBytes);
}

/** Undefined when that would take long. */
function atOnce(bytes: Buffer, step: ContentCoding, limit: number): Buffer | undefined {
  // Brotli not: a hostile body works 14 ms on its window (measured) before the limit is looked at.
  if (step.isSlow === true) return undefined;
  try {
    return step.unpack(bytes, IS_CUT, Math.min(limit, AT_ONCE_MAX_OUTPUT));
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    if (limit > AT_ONCE_MAX_OUTPUT) return undefined;
    throw new TooLargeError(limit);
  }
}

async function inThread(bytes: Buffer, step: ContentCoding, maxBytes: number): Promise<Buffer> {
  const stage = step.createStage(bytes, IS_CUT);
  stage.end(bytes);
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of stage as AsyncIterable<Buffer>) {
    total += part.length;
    if (total > maxBytes) throw new TooLargeError(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function meaningOf(error: unknown, contentEncoding: string | undefined): unknown {
  return error instanceof TooLargeError ? error : new BadEncodingError(contentEncoding ?? '', { cause: error });
}

const isTooLarge = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
