/** Told of every reading that found damage: for the log and for counting. */
export type OnDamage = (error: PageDamagedError) => void;

/** What our stores and parsers throw for a record that is gone, cut short or not what was written; a SegmentKeyError or RangeError is a place that there cannot be. */
const DAMAGE: ReadonlySet<string> = new Set([
  'SegmentMissingError',
  'SegmentTruncatedError',
  'SegmentKeyError',
  'WarcFormatError',
  'HttpFormatError',
  'RangeError',
]);

/** Not `instanceof`: under Jest the errors that Node itself makes are of another realm. EIO is a disk that cannot read its own sector. */
const isDamage = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('name' in error && DAMAGE.has(String(error.name))) || ('code' in error && error.code === 'EIO'));

/**
 * Reads a stored record and checks it. What looks damaged is read once more, because the way to the disk may have been at fault, or
 * damage of a neighbour that was read together with it.
 * @param read has to read anew when it is called again, and to throw for what is not the record that was stored
 * @throws PageDamagedError when it looks damaged both times; anything else as it comes, such as a store that is away
 */
export async function undamaged<T>(
  place: DamagedPlace,
  read: (isAgain: boolean) => Promise<T>,
  onDamage: OnDamage = () => undefined,
): Promise<T> {
  try {
    return await read(false);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  try {
    return await read(true);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const damaged = new PageDamagedError(place, error);
    onDamage(damaged);
    throw damaged;
  }
}

/** Where a record that cannot be trusted should be. */
interface DamagedPlace {
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
