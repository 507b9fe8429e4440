import type { MayGoOn } from '../../async/work-pace';
import type { ByteRange } from './erased-record';

/**
 * Stores the pages: each commit is one object with many records, each found by (key, offset, length).
 * Keys sort by hour, so that retention removes whole hours and with them whatever a crash left behind.
 */
export interface SegmentStore {
  /** Resolves when the object is durable. Writing a key again replaces the object; a reader sees the old or the new one, never a part. */
  write(key: string, chunks: readonly Buffer[]): Promise<void>;
  /** Reads exactly `length` bytes from byte `offset` on. Rejects with SegmentMissingError or SegmentTruncatedError. */
  read(key: string, offset: number, length: number): Promise<Buffer>;
  /** Lists the hours that hold anything, oldest first, in the form that `hourOf` gives. */
  listHours(): Promise<string[]>;
  /**
   * Lists the segments of one hour in the order of their keys, some hundreds of bytes of memory each. Left-overs of crashed writes are not listed; an
   * hour that is not there has none.
   */
  listSegments(hour: string): AsyncIterable<SegmentEntry>;
  /**
   * Removes everything of one hour, left-overs of crashed writes included. An hour that is not there is not an error.
   * @param mayGoOn is asked between steps of bounded size; when it says no, the rest stays until the hour is removed once more
   */
  removeHour(prefix: string, mayGoOn?: MayGoOn): Promise<void>;
  /**
   * Overwrites these ranges of an object, and removes it when that leaves nothing. Other ranges stay as they are, and where they are. Resolves
   * when that is durable. An object that is not there is not an error. Only one caller may erase from an object at a time.
   */
  erase(key: string, ranges: readonly ByteRange[]): Promise<void>;
  /** Rejects when nothing could be written at the moment. Readiness asks for it. */
  check(): Promise<void>;
}

/** A segment in a listing. */
export interface SegmentEntry {
  readonly key: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

const KEY = /^(segments\/\d{4}\/\d{2}\/\d{2}\/\d{2})\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.warc$/;
const HOUR = /^segments\/\d{4}\/\d{2}\/\d{2}\/\d{2}$/;

/** Thrown by `read` when the object is gone, as after retention has removed its hour. */
export class SegmentMissingError extends Error {
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(`segment ${key} does not exist`, options);
    this.name = 'SegmentMissingError';
    this.key = key;
  }
}

/** Thrown by `read` when the object ends before the range does: it is damaged, or the range belongs to another object. */
export class SegmentTruncatedError extends Error {
  readonly key: string;

  constructor(key: string, offset: number, expectedBytes: number, foundBytes: number) {
    super(`segment ${key} has ${foundBytes} bytes at offset ${offset}, expected ${expectedBytes}`);
    this.name = 'SegmentTruncatedError';
    this.key = key;
  }
}

/** Thrown for a key that `segmentKey` did not make. */
export class SegmentKeyError extends TypeError {
  constructor(key: string) {
    super(`${JSON.stringify(key)} is not a segment key`);
    this.name = 'SegmentKeyError';
  }
}

/** Makes the key of a new segment: `segments/<yyyy>/<mm>/<dd>/<hh>/<uuid>.warc`, in UTC. */
export function segmentKey(now: Date, uuid: string): string {
  const key = `segments/${now.toISOString().slice(0, 13).replace(/[-T]/g, '/')}/${uuid.toLowerCase()}.warc`;
  hourOf(key); // This validates the key.
  return key;
}

/** Returns the hour prefix of a key, without a slash at the end. Throws a SegmentKeyError on anything that `segmentKey` did not make. */
export function hourOf(key: string): string {
  const hour = KEY.exec(key)?.[1];
  if (hour === undefined) throw new SegmentKeyError(key);
  return hour;
}

/** Whether `segmentKey` could have made it. */
export const isSegmentKey = (text: string): boolean => KEY.test(text);

/** Throws on anything that `hourOf` does not give, because a recursive delete comes next. */
export function assertHour(prefix: string): void {
  if (!HOUR.test(prefix)) throw new TypeError(`${JSON.stringify(prefix)} is not an hour of segments`);
}

/** Joins neighbours up to about `partBytes`, so that a segment of many small chunks costs few system calls. Large chunks are not copied. */
export function* coalesce(chunks: readonly Buffer[], partBytes: number): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for (const chunk of chunks) {
    if (waiting.length > 0 && waitingBytes + chunk.length > partBytes) {
      yield joined(waiting, waitingBytes);
      waiting = [];
      waitingBytes = 0;
    }
    waiting.push(chunk);
    waitingBytes += chunk.length;
  }
  if (waitingBytes > 0) yield joined(waiting, waitingBytes);
}

function joined(chunks: readonly Buffer[], totalBytes: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, totalBytes);
}

/** A segment is at most 8 MB and a little, unless one page alone is more. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;

/**
 * Wraps a store for a caller that reads one segment from its beginning to its end: a segment that is not too large is read at once,
 * and its records cost no requests of their own. Everything else is asked of the store itself, which says what is wrong.
 */
export function viewOf(segments: SegmentStore, { key, bytes }: SegmentEntry): SegmentStore {
  if (bytes > MAX_WHOLE_BYTES) return segments;
  let whole: Promise<Buffer | undefined> | undefined;
  return {
    ...segments,
    read: async (segment, offset, length) => {
      if (segment === key) {
        whole ??= segments.read(key, 0, bytes).catch(() => undefined);
        const end = offset + length;
        const found = await whole;
        if (found !== undefined && offset >= 0 && length >= 0 && end <= found.length)
          return found.subarray(offset, end);
      }
      return segments.read(segment, offset, length);
    },
  };
}
