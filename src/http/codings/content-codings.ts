import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { zstd } from './zstd';
import type { Zstd } from './zstd';
import { gzipDataOffset } from './gzip-header';
import { createLenientInflate, deflateOffset, hasZlibHeader, lenientInflateSync } from './lenient-inflate';
import type { DataOffset } from './lenient-inflate';

/** How one content coding is undone. Of a body that is cut off, the end is not asked for. */
export interface ContentCoding {
  /** @param first the beginning of what will be written to it */
  readonly createStage: (first: Buffer, isCut: boolean) => Transform;
  /** In one go; throws ERR_BUFFER_TOO_LARGE over the limit. Undefined for what would take the main thread long. */
  readonly unpack: (packed: Buffer, isCut: boolean, maxOutputLength: number) => Buffer | undefined;
  /** A small hostile body can keep the main thread busy before any limit is looked at. */
  readonly isSlow?: boolean;
  /** Reads as browsers do what this one refuses: for a second try. */
  readonly lenient?: ContentCoding;
}

const CHUNK_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 1024;

const { constants } = zlib;
/** How much of a body is read ahead of a stage: Node's default has been 64 kB since 22, and was 16 kB before. */
const READ_AHEAD_BYTES = 16 * 1024;
const flush = (isCut: boolean) => ({
  chunkSize: CHUNK_BYTES,
  highWaterMark: READ_AHEAD_BYTES,
  finishFlush: isCut ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
});
const flushBrotli = (isCut: boolean) => ({
  chunkSize: CHUNK_BYTES,
  highWaterMark: READ_AHEAD_BYTES,
  finishFlush: isCut ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_FINISH,
});

const lenientOf = (dataOffset: DataOffset): ContentCoding => ({
  createStage: (_first, isCut) => createLenientInflate(dataOffset, isCut),
  unpack: (packed, isCut, maxOutputLength) => lenientInflateSync(dataOffset, packed, isCut, maxOutputLength),
});

const gzip: ContentCoding = {
  createStage: (_first, isCut) => zlib.createGunzip(flush(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    zlib.gunzipSync(packed, { ...flush(isCut), chunkSize: chunkBytesFor(packed, maxOutputLength), maxOutputLength }),
  lenient: lenientOf(gzipDataOffset),
};

/**
 * The last four bytes of a gzip tell how long it unpacks to (RFC 1952 §2.3.1), so that no more is allocated than that. They may lie: it
 * is then done in more steps, or ends at the limit.
 */
function chunkBytesFor(packed: Buffer, maxOutputLength: number): number {
  const told = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return told > 0 && told < maxOutputLength ? Math.max(told + 1, MIN_CHUNK_BYTES) : CHUNK_BYTES;
}

const brotli: ContentCoding = {
  createStage: (_first, isCut) => zlib.createBrotliDecompress(flushBrotli(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    zlib.brotliDecompressSync(packed, { ...flushBrotli(isCut), maxOutputLength }),
  isSlow: true,
};

/** Means the zlib format, but some servers send the bare stream (RFC 9110 §8.4.1.2). */
const deflate: ContentCoding = {
  createStage: (first, isCut) => (hasZlibHeader(first) ? zlib.createInflate : zlib.createInflateRaw)(flush(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    (hasZlibHeader(packed) ? zlib.inflateSync : zlib.inflateRawSync)(packed, { ...flush(isCut), maxOutputLength }),
  lenient: lenientOf(deflateOffset),
};

/** Those that can be undone, by name. Whether `zstd` is among them depends on the version of Node. */
export const contentCodings: ReadonlyMap<string, ContentCoding> = new Map<string, ContentCoding>([
  ['gzip', gzip],
  ['x-gzip', gzip], // RFC 9110 §8.4.1.3
  ['br', brotli],
  ['deflate', deflate],
  ...(zstd === undefined ? [] : [['zstd', codingOf(zstd)] as const]),
]);

function codingOf({ createStage, unpackSync }: Zstd): ContentCoding {
  return {
    createStage: (_first, isCut) => createStage(isCut),
    unpack: unpackSync,
  };
}
