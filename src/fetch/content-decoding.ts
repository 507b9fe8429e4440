import { Readable } from 'node:stream';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { deflateDataOf } from './deflate-data';

/** More in a row than any server needs; each one multiplies what a hostile one can make of a byte. */
const MAX_CODINGS = 5;

/** IANA HTTP Content Coding Registry, without those that we can undo. Words that name no coding, such as `none`, are passed over as in browsers. */
const UNSUPPORTED = new Set(['aes128gcm', 'compress', 'dcb', 'dcz', 'exi', 'pack200-gzip', 'x-compress', 'zstd']);

type Chunks = AsyncIterable<Buffer>;
type CreateStage = (first: Buffer, isCut: boolean) => Transform;

const flush = (isCut: boolean) => ({ finishFlush: isCut ? constants.Z_SYNC_FLUSH : constants.Z_FINISH });
const gunzip: CreateStage = (_first, isCut) => createGunzip(flush(isCut));
const STAGES: ReadonlyMap<string, CreateStage> = new Map<string, CreateStage>([
  ['gzip', gunzip],
  ['x-gzip', gunzip], // RFC 9110 §8.4.1.3
  [
    'br',
    (_first, isCut) =>
      createBrotliDecompress({
        finishFlush: isCut ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_FINISH,
      }),
  ],
  // `deflate` means the zlib format, but some servers send the bare stream (RFC 9110 §8.4.1.2).
  ['deflate', (first, isCut) => (hasZlibHeader(first) ? createInflate : createInflateRaw)(flush(isCut))],
]);

/** A body is not in the coding that its header names, or in one that we cannot undo. */
export class BadContentEncodingError extends Error {
  constructor(contentEncoding: string, options?: ErrorOptions) {
    super(`body cannot be decoded as content-encoding ${JSON.stringify(contentEncoding.slice(0, 100))}`, options);
    this.name = 'BadContentEncodingError';
  }
}

/** A body is larger than the limit, as received or unpacked. */
export class BodyTooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`body is larger than ${limitBytes} bytes`);
    this.name = 'BodyTooLargeError';
    this.limitBytes = limitBytes;
  }
}

/** Whether a body in this coding can be read; `identity` and `*` can. */
export function isDecodable(coding: string): boolean {
  return ['', '*', 'identity'].includes(coding.trim().toLowerCase()) || STAGES.has(coding.trim().toLowerCase());
}

export interface UnpackOptions {
  /** Of each step, not only of the result. */
  readonly maxBytes: number;
  /** How much of the beginning is wanted. */
  readonly prefixBytes: number;
  /** The body is only the beginning of one: its sudden end is no fault. */
  readonly isCut: boolean;
  readonly signal: AbortSignal;
}

/** Undoes a Content-Encoding as a stream: proves the unpacked size and keeps only the beginning. */
export async function unpackPrefix(body: Buffer, contentEncoding: string, options: UnpackOptions): Promise<Buffer> {
  const codings = contentEncoding.split(',').map((word) => word.trim().toLowerCase());
  const stages = codings.flatMap((coding) => STAGES.get(coding) ?? []).reverse(); // the last one was applied last
  // A HEAD request or a 304 names the encoding of a body that is not there.
  if (body.length === 0) return body;
  if (codings.some((coding) => UNSUPPORTED.has(coding)) || stages.length > MAX_CODINGS)
    throw new BadContentEncodingError(contentEncoding);
  if (stages.length === 0) return body.subarray(0, options.prefixBytes);
  try {
    return await drain(chain(body, stages, options), options.prefixBytes);
  } catch (error) {
    if (error instanceof BodyTooLargeError || options.signal.aborted) throw error;
    const [coding, ...others] = codings.filter((name) => STAGES.has(name));
    const data = others.length === 0 && isUnexpectedEnd(error) ? deflateDataOf(body, coding) : undefined;
    // Complete but for its checksum, as some servers send it: every browser shows such a page.
    if (data) return unpackPrefix(data, 'deflate', options);
    throw new BadContentEncodingError(contentEncoding, { cause: error });
  }
}

function chain(body: Buffer, stages: readonly CreateStage[], options: UnpackOptions): Chunks {
  const source: Chunks = Readable.from([body], { objectMode: true });
  return stages.reduce((input, createStage) => unpackStep(input, createStage, options), source);
}

async function* unpackStep(input: Chunks, createStage: CreateStage, options: UnpackOptions): AsyncGenerator<Buffer> {
  const iterator = input[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const stage = createStage(first.value, options.isCut);
  const feeding = pipeline(startingWith(first.value, iterator), stage, { signal: options.signal });
  feeding.catch(() => undefined); // the same error comes out of `stage`
  let total = 0;
  try {
    for await (const chunk of stage as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > options.maxBytes) throw new BodyTooLargeError(options.maxBytes);
      yield chunk;
    }
  } finally {
    stage.destroy();
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function drain(chunks: Chunks, prefixBytes: number): Promise<Buffer> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of chunks) {
    if (keptBytes >= prefixBytes) continue;
    kept.push(chunk.subarray(0, prefixBytes - keptBytes));
    keptBytes += chunk.length;
  }
  return Buffer.concat(kept);
}

function isUnexpectedEnd(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'Z_BUF_ERROR';
}

/** Read as a bare stream, a zlib header (RFC 1950 §2.2) is a stored block with padding that no encoder writes, so the two tell apart. */
function hasZlibHeader(bytes: Buffer): boolean {
  const [cmf = 0, flg = 0] = bytes;
  return (cmf & 0x0f) === 8 && (cmf * 256 + flg) % 31 === 0;
}
