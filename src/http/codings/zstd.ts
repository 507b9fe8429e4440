import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

interface Options {
  readonly chunkSize?: number;
  readonly finishFlush?: number;
  readonly highWaterMark?: number;
  readonly maxOutputLength?: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** Functions that Node's zlib has from 22.15 and 23.8 on. They are declared here because the types are those of Node 20. */
export interface ZstdZlib {
  readonly createZstdDecompress: (options: Options) => Transform;
  readonly zstdDecompressSync: (body: Buffer, options: Options) => Buffer;
  readonly constants: {
    readonly ZSTD_e_flush: number;
    readonly ZSTD_e_end: number;
    readonly ZSTD_d_windowLogMax: number;
  };
}

/** Frame with one raw block that holds `x` (RFC 8878 §3.1.1). */
const FRAME = Buffer.from('28b52ffd200109000078', 'hex');

/** Node's decoder; undefined when there is none, or it is not reliable. */
export const zstd: ZstdZlib | undefined = hasZstd(zlib) && isReliable(zlib) ? zlib : undefined;

function hasZstd(library: object): library is ZstdZlib {
  return 'createZstdDecompress' in library;
}

/**
 * Whether the decoder reads all frames of a body and refuses a truncated one. Those of Node 22.23 and 24.21 end after the first frame
 * without an error, and up to Node 22 they accept truncated bodies, so that a page would silently lose its end.
 */
export function isReliable({ zstdDecompressSync }: ZstdZlib): boolean {
  try {
    if (zstdDecompressSync(Buffer.concat([FRAME, FRAME]), {}).toString() !== 'xx') return false;
  } catch {
    return false;
  }
  try {
    zstdDecompressSync(FRAME.subarray(0, -1), {});
    return false;
  } catch {
    return true;
  }
}
