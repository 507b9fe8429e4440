/** Place of a record that cannot be trusted. */
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
  /** True: the segment is gone. False: it holds something else in that place. */
  readonly isMissing: boolean;

  /** @param cause error with which its reading failed */
  constructor(place: DamagedPlace, cause: unknown) {
    const { message, name } = cause as Error;
    super(`the page of job ${place.jobId} is damaged: ${message}`, { cause });
    this.name = 'PageDamagedError';
    this.place = place;
    this.isMissing = name === 'SegmentMissingError';
  }
}

/** Receives every reading that found damage, to log and count it. */
export type OnDamage = (error: PageDamagedError) => void;

/** Errors of our stores and parsers for a record that is gone, cut short or not what was written. A SegmentKeyError or RangeError means a place that cannot exist. */
const DAMAGE: ReadonlySet<string> = new Set([
  'SegmentMissingError',
  'SegmentTruncatedError',
  'SegmentKeyError',
  'WarcFormatError',
  'HttpFormatError',
  'RangeError',
]);

/** This does not use `instanceof`, because under Jest the errors that Node makes are of another realm. EIO means a disk that cannot read its own sector. */
const isDamage = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('name' in error && DAMAGE.has(String(error.name))) || ('code' in error && error.code === 'EIO'));

/**
 * Reads a stored record and checks it. What looks damaged is read once more, because the way to the disk may have been at fault, or
 * damage of a neighbour that was read together with it.
 * @param read reads anew when it is called again, and throws for anything but the record that was stored
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
