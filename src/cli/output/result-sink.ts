import type { ResultLine } from './result-line';

/** Where results are written. What is there beyond the noted length when it is opened is removed. */
export interface ResultSink {
  /** Fields that the lines need; undefined for all, with the page. */
  readonly fields: string | undefined;
  /** Whether what was written before is gone, so that everything has to be written again. */
  readonly isAnew: boolean;
  /** @param base number of URLs in the batches before the one that the lines belong to */
  write(lines: readonly ResultLine[], base: number): Promise<void>;
  /** Makes durable what has been written. @returns the length of it */
  sync(): Promise<number>;
  close(): Promise<void>;
}
