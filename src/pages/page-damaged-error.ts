/** Where a record that cannot be trusted should be. */
export interface DamagedPlace {
  readonly jobId: string;
  readonly segment: string;
  /** Where the record begins in its segment, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** Thrown instead of giving out a page that is not the one that was stored. */
export class PageDamagedError extends Error {
  readonly place: DamagedPlace;
  /** There is no such segment; otherwise it holds something else in that place. */
  readonly isMissing: boolean;

  /** @param cause what its reading came to */
  constructor(place: DamagedPlace, cause: unknown) {
    const { message, name } = cause as Error;
    super(`the page of job ${place.jobId} is damaged: ${message}`, { cause });
    this.name = 'PageDamagedError';
    this.place = place;
    this.isMissing = name === 'SegmentMissingError';
  }
}
