import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { zstd } from '../contracts/zstd';
import type { Zstd } from '../contracts/zstd';

/** More in a row than any server needs; each one multiplies what a hostile one can make of a byte. */
const MAX_CODINGS = 5;

/** A response cut short still gives what came, as in browsers: hence flush instead of finish. */
const flush = { zlib: constants.Z_SYNC_FLUSH, brotli: constants.BROTLI_OPERATION_FLUSH };
/** How much of a body is read ahead of a stage: Node's default has been 64 kB since 22, and was 16 kB before. */
const READ_AHEAD_BYTES = 16 * 1024;
const zlibOptions = { finishFlush: flush.zlib, chunkSize: 65_536, highWaterMark: READ_AHEAD_BYTES };
const brotliOptions = { finishFlush: flush.brotli, chunkSize: 65_536, highWaterMark: READ_AHEAD_BYTES };

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);
const inflateRawAsync = promisify(inflateRaw);
const brotliAsync = promisify(brotliDecompress);

/**
 * Up to here a body is unpacked at once: handing it to a thread and collecting the parts takes longer than the work (measured,
 * 20 kB page: 120 µs instead of 40). What unpacks to more stops there, after 0.4 ms at most, and is given to a thread.
 */
const AT_ONCE_BYTES = 64 * 1024;
const AT_ONCE_MAX_OUTPUT = 256 * 1024;

export interface Decoder {
  /** @param beginning of the coded body, 2 bytes at least where it has so many */
  readonly stream: (beginning: Buffer) => Transform;
  readonly inThread: (bytes: Buffer, maxOutputLength: number) => Promise<Buffer>;
  /** Not for brotli: a hostile body works 14 ms on its window (measured) before the limit is looked at. */
  readonly atOnce?: (bytes: Buffer, maxOutputLength: number) => Buffer | undefined;
}

const gzip: Decoder = {
  stream: () => createGunzip(zlibOptions),
  inThread: (bytes, maxOutputLength) => gunzipAsync(bytes, { ...zlibOptions, maxOutputLength }),
  atOnce: (bytes, maxOutputLength) => gunzipSync(bytes, { ...zlibOptions, maxOutputLength }),
};
const brotli: Decoder = {
  stream: () => createBrotliDecompress(brotliOptions),
  inThread: (bytes, maxOutputLength) => brotliAsync(bytes, { ...brotliOptions, maxOutputLength }),
};
const deflate: Decoder = {
  stream: (beginning) => (hasZlibHeader(beginning) ? createInflate(zlibOptions) : createInflateRaw(zlibOptions)),
  inThread: (bytes, maxOutputLength) =>
    (hasZlibHeader(bytes) ? inflateAsync : inflateRawAsync)(bytes, { ...zlibOptions, maxOutputLength }),
  atOnce: (bytes, maxOutputLength) =>
    (hasZlibHeader(bytes) ? inflateSync : inflateRawSync)(bytes, { ...zlibOptions, maxOutputLength }),
};
/** Node has it from 22.15 and 23.8 on. */
const zstdOf = ({ createStage, unpack, unpackSync }: Zstd): Decoder => ({
  stream: () => createStage(true),
  inThread: (bytes, maxOutputLength) => unpack(bytes, true, maxOutputLength),
  atOnce: (bytes, maxOutputLength) => unpackSync(bytes, true, maxOutputLength),
});
const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gzip],
  ['x-gzip', gzip], // RFC 9110 §8.4.1.3
  ['br', brotli],
  ['deflate', deflate],
  ...(zstd === undefined ? [] : [['zstd', zstdOf(zstd)] as const]),
]);

/** IANA HTTP Content Coding Registry, without those that we can undo. */
const UNSUPPORTED = new Set(
  ['aes128gcm', 'compress', 'dcb', 'dcz', 'exi', 'pack200-gzip', 'x-compress', 'zstd'].filter(
    (name) => !DECODERS.has(name),
  ),
);

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
  let bytes = body;
  for (const decoder of decodersFor(contentEncoding))
    bytes = await decodeStep(bytes, decoder, contentEncoding ?? '', maxBytes);
  if (bytes.length > maxBytes) throw new TooLargeError(maxBytes);
  return bytes;
}

/** The codings that a Content-Encoding names, in lower case, also those that we cannot undo. */
export const codingsOf = (contentEncoding: string | undefined): string[] =>
  (contentEncoding ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => DECODERS.has(word) || UNSUPPORTED.has(word));

/**
 * What undoes a Content-Encoding, in this order.
 * @throws BadEncodingError for one that we cannot undo
 */
export function decodersFor(contentEncoding: string | undefined): Decoder[] {
  const codings = codingsOf(contentEncoding);
  const decoders = codings.flatMap((coding) => DECODERS.get(coding) ?? []);
  if (decoders.length > MAX_CODINGS || decoders.length < codings.length)
    throw new BadEncodingError(contentEncoding ?? '');
  return decoders.reverse(); // the last one was applied last
}

async function decodeStep(bytes: Buffer, decoder: Decoder, header: string, maxBytes: number): Promise<Buffer> {
  const limit = Math.max(1, maxBytes); // zlib takes no limit below 1
  try {
    const small = bytes.length <= AT_ONCE_BYTES ? atOnce(bytes, decoder, limit) : undefined;
    return small ?? (await decoder.inThread(bytes, limit));
  } catch (error) {
    throw isTooLarge(error) ? new TooLargeError(maxBytes) : new BadEncodingError(header, { cause: error });
  }
}

/** Undefined when that would take long. */
function atOnce(bytes: Buffer, decoder: Decoder, limit: number): Buffer | undefined {
  try {
    return decoder.atOnce?.(bytes, Math.min(limit, AT_ONCE_MAX_OUTPUT));
  } catch (error) {
    if (isTooLarge(error) && limit > AT_ONCE_MAX_OUTPUT) return undefined;
    throw error;
  }
}

const isTooLarge = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/**
 * `deflate` means the zlib format, but some servers send the bare stream (RFC 9110 §8.4.1.2).
 * The two tell apart: read as a bare stream, a zlib header (RFC 1950 §2.2) is a stored block with padding that no encoder writes.
 */
function hasZlibHeader(bytes: Buffer): boolean {
  const [cmf = 0, flg = 0] = bytes;
  return (cmf & 0x0f) === 8 && (cmf * 256 + flg) % 31 === 0;
}
