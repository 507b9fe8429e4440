import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { zstd } from './zstd';
import type { ZstdZlib } from './zstd';
import {
  createLenientInflate,
  deflateOffset,
  gzipDataOffset,
  hasZlibHeader,
  lenientInflateSync,
} from './lenient-inflate';
import type { DataOffset } from './lenient-inflate';

/** How one content coding is decoded. With `isCut`, truncation is not an error. */
export interface ContentCoding {
  /** @param first beginning of the body, which tells `deflate` with a zlib header from a bare stream; without it, the header is expected */
  readonly createStage: (first: Buffer | undefined, isCut: boolean) => Transform;
  /** Decodes a whole body on the calling thread. Throws ERR_BUFFER_TOO_LARGE over the limit, which is at least 1. */
  readonly unpack: (packed: Buffer, isCut: boolean, maxOutputLength: number) => Buffer;
  /** Memory that a decoder may allocate for its window (RFC 1951, RFC 7932 §9.1, RFC 9659) and its state. */
  readonly windowBytes: number;
  /** Whether a small hostile body can occupy the main thread before a limit applies (brotli: 14 ms to allocate its window, measured). */
  readonly isSlow?: boolean;
  /** Decoder for a second try, which accepts what browsers accept and this one refuses. */
  readonly lenient?: ContentCoding;
}

const DEFLATE_WINDOW_BYTES = 64 * 1024;
const BROTLI_WINDOW_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 1024;

const { constants } = zlib;
/** Bytes read ahead of a decoder. Node's default is 64 kB since version 22 and was 16 kB before. */
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
  windowBytes: DEFLATE_WINDOW_BYTES,
  createStage: (_first, isCut) => createLenientInflate(dataOffset, isCut),
  unpack: (packed, isCut, maxOutputLength) => lenientInflateSync(dataOffset, packed, isCut, maxOutputLength),
});

const gzip: ContentCoding = {
  windowBytes: DEFLATE_WINDOW_BYTES,
  createStage: (_first, isCut) => zlib.createGunzip(flush(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    zlib.gunzipSync(packed, { ...flush(isCut), chunkSize: chunkBytesFor(packed, maxOutputLength), maxOutputLength }),
  lenient: lenientOf(gzipDataOffset),
};

/**
 * Size of the output buffer. The last four bytes of a gzip name its unpacked length (RFC 1952 §2.3.1), so no more is allocated. If they
 * are wrong, the body is decoded in more steps, or ends at the limit.
 */
function chunkBytesFor(packed: Buffer, maxOutputLength: number): number {
  const told = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return told > 0 && told < maxOutputLength ? Math.max(told + 1, MIN_CHUNK_BYTES) : CHUNK_BYTES;
}

const brotli: ContentCoding = {
  windowBytes: BROTLI_WINDOW_BYTES,
  createStage: (_first, isCut) => zlib.createBrotliDecompress(flushBrotli(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    zlib.brotliDecompressSync(packed, { ...flushBrotli(isCut), maxOutputLength }),
  isSlow: true,
};

/** `deflate` means the zlib format, but some servers send the bare stream (RFC 9110 §8.4.1.2). */
const deflate: ContentCoding = {
  windowBytes: DEFLATE_WINDOW_BYTES,
  createStage: (first, isCut) =>
    (first === undefined || hasZlibHeader(first) ? zlib.createInflate : zlib.createInflateRaw)(flush(isCut)),
  unpack: (packed, isCut, maxOutputLength) =>
    (hasZlibHeader(packed) ? zlib.inflateSync : zlib.inflateRawSync)(packed, { ...flush(isCut), maxOutputLength }),
  lenient: lenientOf(deflateOffset),
};

/** Logarithm of 8 MB, the largest window that a server may use in HTTP (RFC 9659 §3). */
const ZSTD_WINDOW_LOG_MAX = 23;

function zstdCoding({ createZstdDecompress, zstdDecompressSync, constants: names }: ZstdZlib): ContentCoding {
  const flushZstd = (isCut: boolean) => ({
    chunkSize: CHUNK_BYTES,
    highWaterMark: READ_AHEAD_BYTES,
    finishFlush: isCut ? names.ZSTD_e_flush : names.ZSTD_e_end,
    params: { [names.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
  });
  return {
    windowBytes: 2 ** ZSTD_WINDOW_LOG_MAX,
    createStage: (_first, isCut) => createZstdDecompress(flushZstd(isCut)),
    unpack: (packed, isCut, maxOutputLength) => zstdDecompressSync(packed, { ...flushZstd(isCut), maxOutputLength }),
  };
}

/** Decoders by the name of their coding, with `zstd` if Node's decoder is reliable. */
export const contentCodings: ReadonlyMap<string, ContentCoding> = new Map<string, ContentCoding>([
  ['gzip', gzip],
  ['x-gzip', gzip], // RFC 9110 §8.4.1.3
  ['br', brotli],
  ['deflate', deflate],
  ...(zstd === undefined ? [] : [['zstd', zstdCoding(zstd)] as const]),
]);
