/** Neighbouring chunks of a batch that one workflow and one sweep handle together. */
export interface ChunkRange {
  readonly batchId: string;
  /** Number of the first chunk. */
  readonly chunk: number;
  /** Number of chunks. @default 1 */
  readonly chunks?: number;
  /** How many times the failed URLs of the batch had been given their time once more when the workflow began. @default 0 */
  readonly round?: number;
}

/** Most URLs that run directly below their chunk, a workflow each. At 9 events per URL their history stays far below its limit. */
export const PART_URLS = 100;

/** Most workflows that a swept batch is divided into, because starting one costs the Temporal server some 50 ms (measured). */
const MAX_RANGES = 25;

/** Chunks per range of a batch with `chunks` chunks, so that it has at most {@link MAX_RANGES} ranges. */
export const chunksPerRange = (chunks: number): number => Math.ceil(chunks / MAX_RANGES);

/** The numbers of the chunks in a range. */
export const chunksOf = ({ chunk, chunks = 1 }: Omit<ChunkRange, 'batchId'>): number[] =>
  Array.from({ length: chunks }, (_, index) => chunk + index);

/** Number of URLs in a chunk or a range of chunks, and how many of them have ended in which way. */
export interface ChunkEnding {
  readonly total: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}
