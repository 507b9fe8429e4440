import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ZstdFrames } from './zstd-frames';

/** How a zstd body is unpacked. All of it: its frames may be many. */
export interface Zstd {
  /** @param isCut of the body, the end is not asked for */
  readonly createStage: (isCut: boolean) => Transform;
  /** In one go; throws ERR_BUFFER_TOO_LARGE over the limit. Undefined for more than one frame, which would take the main thread long. */
  readonly unpackSync: (body: Buffer, isCut: boolean, maxOutputLength: number) => Buffer | undefined;
  /** In the thread pool, however many there are. */
  readonly unpack: (body: Buffer, isCut: boolean, maxOutputLength: number) => Promise<Buffer>;
}

interface Options {
  readonly chunkSize: number;
  readonly finishFlush: number;
  readonly highWaterMark: number;
  readonly maxOutputLength?: number;
  readonly params: Readonly<Record<number, number>>;
}

/** What Node's zlib has from 22.15 and 23.8 on; its types here are those of Node 20. */
interface ZstdZlib {
  readonly createZstdDecompress: (options: Options) => Transform;
  readonly zstdDecompressSync: (body: Buffer, options: Options) => Buffer;
  readonly zstdDecompress: (
    body: Buffer,
    options: Options,
    callback: (error: Error | null, result: Buffer) => void,
  ) => void;
  readonly constants: { readonly ZSTD_e_continue: number; readonly ZSTD_d_windowLogMax: number };
}

const CHUNK_BYTES = 64 * 1024;
/** How much of a body is read ahead: 64 kB by default where Node has zstd, and 16 kB for the other codings on every version. */
const READ_AHEAD_BYTES = 16 * 1024;
/** 8 MB, the most that a server may ask for in HTTP (RFC 9659 §3): more memory than that no page needs. */
const WINDOW_LOG_MAX = 23;

/** Undefined where Node cannot undo it. */
export const zstd: Zstd | undefined = hasZstd(zlib) ? createZstd(zlib) : undefined;

function hasZstd(library: object): library is ZstdZlib {
  return 'createZstdDecompress' in library;
}

function createZstd({ createZstdDecompress, zstdDecompress, zstdDecompressSync, constants }: ZstdZlib): Zstd {
  // Whether the end is there is seen by its frames, because not every version of Node looks.
  const options = {
    chunkSize: CHUNK_BYTES,
    finishFlush: constants.ZSTD_e_continue,
    highWaterMark: READ_AHEAD_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
  };

  const createStage = (isCut: boolean): Transform => {
    const stage = createZstdDecompress(options);
    const frames = new ZstdFrames();
    const transform = stage._transform.bind(stage);
    const flush = stage._flush.bind(stage);
    stage._transform = (chunk: Buffer, encoding, callback) => {
      const next = (pieces: readonly Buffer[], index: number): void => {
        const piece = pieces[index];
        if (piece === undefined) return callback();
        transform(piece, encoding, (error) => (error ? callback(error) : next(pieces, index + 1)));
      };
      try {
        next(frames.cut(chunk), 0);
      } catch (error) {
        callback(error as Error);
      }
    };
    stage._flush = (callback) => (isCut || frames.isWhole ? flush(callback) : callback(cutOff()));
    return stage;
  };

  /** zlib takes no limit below 1; one byte more than is allowed shows as well that it is too much. */
  const within = (maxOutputLength: number) => ({ ...options, maxOutputLength: Math.max(1, maxOutputLength) });

  return {
    createStage,
    unpackSync(body, isCut, maxOutputLength) {
      const frames = new ZstdFrames();
      const [only = body, ...others] = frames.cut(body);
      if (others.length > 0) return undefined;
      const unpacked = zstdDecompressSync(only, within(maxOutputLength));
      if (!isCut && !frames.isWhole) throw cutOff();
      return unpacked;
    },
    async unpack(body, isCut, maxOutputLength) {
      const frames = new ZstdFrames();
      const unpacked: Buffer[] = [];
      let left = maxOutputLength;
      for (const piece of frames.cut(body)) {
        const limits = within(left);
        const part = await new Promise<Buffer>((resolve, reject) =>
          zstdDecompress(piece, limits, (error, result) => (error ? reject(error) : resolve(result))),
        );
        unpacked.push(part);
        left -= part.length;
      }
      if (!isCut && !frames.isWhole) throw cutOff();
      return join(unpacked, maxOutputLength);
    },
  };
}

function join(unpacked: readonly Buffer[], maxBytes: number): Buffer {
  const [only, ...others] = unpacked;
  const whole = only !== undefined && others.length === 0 ? only : Buffer.concat(unpacked);
  if (whole.length <= maxBytes) return whole;
  throw Object.assign(new RangeError(`more than ${maxBytes} bytes`), { code: 'ERR_BUFFER_TOO_LARGE' });
}

const cutOff = () => Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
