import { ProblemError } from '../problem';

export const MAX_LINE_BYTES = 1024 * 1024;

/** Limit of all lines, the blank ones included: 64 MB of line feeds would keep this process busy for seconds. */
const MAX_LINES = 1_000_000;

const LINE_FEED = 0x0a;

/** Receives a line with its number, which counts from 1. `bytes` is undefined for a line that is too long to be looked at. */
export type OnLine = (bytes: Buffer | undefined, number: number) => void;

/**
 * Cuts a stream of bytes into lines. At most one line is in memory, and nothing of one that is too long. Empty lines are counted and passed
 * over; `push` throws a ProblemError when there are over a million lines.
 */
export function createLineSplitter(onLine: OnLine): {
  readonly push: (part: Buffer) => void;
  /** Ends the last line, which needs no line feed. */
  readonly end: () => void;
} {
  let begun: Buffer[] = [];
  let bytes = 0;
  let number = 0;

  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes > MAX_LINE_BYTES) begun = [];
    else if (part.length > 0) begun.push(part);
  };
  const finish = () => {
    number += 1;
    if (number > MAX_LINES) throw new ProblemError('body_too_large', `The body holds more than ${MAX_LINES} lines.`);
    if (bytes === 0) return;
    const [only] = begun;
    const line = begun.length === 1 && only !== undefined ? only : Buffer.concat(begun);
    const isLong = bytes > MAX_LINE_BYTES;
    begun = [];
    bytes = 0;
    onLine(isLong ? undefined : line, number);
  };

  return {
    push(part) {
      let from = 0;
      for (let end = part.indexOf(LINE_FEED); end >= 0; end = part.indexOf(LINE_FEED, from)) {
        add(part.subarray(from, end));
        finish();
        from = end + 1;
      }
      add(part.subarray(from));
    },
    end() {
      if (bytes > 0) finish();
    },
  };
}
