/** Neighbouring chunks of a batch that one workflow and one sweep take together. */
export interface ChunkRange {
  readonly batchId: string;
  /** The first. */
  readonly chunk: number;
  /** How many. @default 1 */
  readonly chunks?: number;
}

/** URLs that run directly below their chunk, a workflow each: at 9 events a URL, what one history bears with room to spare. */
export const PART_URLS = 100;

/** Workflows that one swept batch is divided into at most: starting each costs the Temporal server some 50 ms (measured). */
const MAX_RANGES = 25;

/** Chunks per range, so that a batch of that many chunks has at most {@link MAX_RANGES}. */
export const chunksPerRange = (chunks: number): number => Math.ceil(chunks / MAX_RANGES);

/** The numbers of the chunks in a range. */
export const chunksOf = ({ chunk, chunks = 1 }: Omit<ChunkRange, 'batchId'>): number[] =>
  Array.from({ length: chunks }, (_, index) => chunk + index);

/** How many URLs of a chunk, or of a range of chunks, have ended and how. */
export interface ChunkEnding {
  readonly total: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}
