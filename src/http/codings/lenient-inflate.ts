import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** Finds where the deflate stream begins behind a header: `more` when more bytes are needed to tell, undefined when there is none. */
export type DataOffset = (bytes: Buffer) => number | 'more' | undefined;

const CHUNK_BYTES = 64 * 1024;
/** Longest gzip header that is accepted: in a longer one the name or comment never ends. */
const MAX_HEADER_BYTES = 128 * 1024;
/** Empty stored block that ends a sync or full flush (RFC 1951 §3.2.4, zlib's manual of `deflate`). */
const SYNC_FLUSH = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** Empty last block, which a stream that ends with a flush lacks. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

/** Flags and fixed head of a gzip member, RFC 1952 §2.3.1. */
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;
const GZIP_HEAD_BYTES = 10;

/**
 * Decodes the deflate stream in a gzip or zlib body as browsers do: checksum and trailing bytes are ignored, and it may end with a flush
 * instead of a last block. One that ends anywhere else is truncated, and fails with `Z_BUF_ERROR`.
 */
export function createLenientInflate(dataOffset: DataOffset, isCut: boolean): Transform {
  const stage = zlib.createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const transform = stage._transform.bind(stage);
  const flush = stage._flush.bind(stage);
  let header: Buffer | undefined = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let isFlushing = false;

  const inflate = (data: Buffer, callback: (error?: Error | null) => void): void => {
    if (data.length === 0) return callback();
    transform(data, 'buffer' as BufferEncoding, callback); // as: bytes have no encoding, and Node passes this word
  };

  stage._transform = (chunk: Buffer, encoding, callback) => {
    if (isFlushing) return transform(chunk, encoding, callback);
    let data = chunk;
    if (header !== undefined) {
      header = Buffer.concat([header, chunk]);
      const offset = dataOffset(header);
      if (offset === undefined || header.length > MAX_HEADER_BYTES) return callback(dataError());
      if (offset === 'more') return callback();
      data = header.subarray(offset);
      header = undefined;
    }
    tail = Buffer.concat([tail, data.subarray(-SYNC_FLUSH.length)]).subarray(-SYNC_FLUSH.length);
    inflate(data, callback);
  };

  stage._flush = (callback) => {
    isFlushing = true;
    if (isCut) return flush(callback);
    if (header !== undefined) return callback(cutOff());
    const probe = (): void => {
      const consumed = stage.bytesWritten;
      // A stream that has ended accepts no further bytes.
      inflate(Buffer.alloc(1), (error) => callback(error ?? (stage.bytesWritten > consumed ? cutOff() : null)));
    };
    if (tail.equals(SYNC_FLUSH)) inflate(LAST_BLOCK, (error) => (error ? callback(error) : probe()));
    else probe();
  };
  return stage;
}

/** Does the same for a whole body on the calling thread; throws ERR_BUFFER_TOO_LARGE over the limit. */
export function lenientInflateSync(
  dataOffset: DataOffset,
  packed: Buffer,
  isCut: boolean,
  maxOutputLength: number,
): Buffer {
  const offset = dataOffset(packed);
  if (offset === undefined) throw dataError();
  if (offset === 'more') {
    if (isCut) return Buffer.alloc(0);
    throw cutOff();
  }
  const data = packed.subarray(offset);
  const isFlushed = !isCut && data.subarray(-SYNC_FLUSH.length).equals(SYNC_FLUSH);
  return zlib.inflateRawSync(isFlushed ? Buffer.concat([data, LAST_BLOCK]) : data, {
    ...{ chunkSize: CHUNK_BYTES, maxOutputLength: Math.max(1, maxOutputLength) },
    finishFlush: isCut ? zlib.constants.Z_SYNC_FLUSH : zlib.constants.Z_FINISH,
  });
}

/**
 * Whether bytes begin with a zlib header (RFC 1950 §2.2). Read as a bare stream, it would be a stored block with padding that no encoder
 * writes.
 */
export function hasZlibHeader(bytes: Buffer): boolean {
  const [cmf = 0, flg = 0] = bytes;
  return (cmf & 0x0f) === 8 && (cmf * 256 + flg) % 31 === 0;
}

export const deflateOffset: DataOffset = (bytes) => (bytes.length < 2 ? 'more' : hasZlibHeader(bytes) ? 2 : 0);

/** Finds the deflate stream behind the header of a gzip member. */
export function gzipDataOffset(bytes: Buffer): ReturnType<DataOffset> {
  const magic = [0x1f, 0x8b, 0x08];
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return undefined;
  if (bytes.length < GZIP_HEAD_BYTES) return 'more';
  const flags = bytes[3] ?? 0;
  let offset = GZIP_HEAD_BYTES;
  if ((flags & FEXTRA) !== 0) {
    if (bytes.length < offset + 2) return 'more';
    offset += 2 + bytes.readUInt16LE(offset);
  }
  for (const flag of [FNAME, FCOMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, offset);
    if (end === -1) return 'more';
    offset = end + 1;
  }
  if ((flags & FHCRC) !== 0) offset += 2;
  return offset <= bytes.length ? offset : 'more';
}

const cutOff = () => Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
const dataError = () => Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR' });
