import type { Transform } from 'node:stream';
import { PassThrough } from 'node:stream';
import { contentCodings } from './content-codings';
import type { ContentCoding } from './content-codings';

/** More in a row than any server needs; each one multiplies what a hostile one can make of a byte. */
const MAX_CODINGS = 5;

/**
 * IANA HTTP Content Coding Registry, without those that we can undo, and how a body is seen to be in one. Servers also put these words on
 * plain bodies, which browsers then show as they are.
 */
const UNDOABLE: readonly (readonly [name: string, isIn: (beginning: Buffer) => boolean])[] = [
  ['aes128gcm', hasControls], // RFC 8188 §2.1: begins with a random salt and the size of records, whose first byte is 0
  ['compress', (bytes) => startsWith(bytes, '1f9d')],
  ['x-compress', (bytes) => startsWith(bytes, '1f9d')],
  ['dcb', (bytes) => startsWith(bytes, 'ff444342')], // RFC 9842 §4
  ['dcz', (bytes) => startsWith(bytes, '5e2a4d18')], // RFC 9842 §5
  ['exi', hasControls],
  ['pack200-gzip', (bytes) => startsWith(bytes, '1f8b')],
  ['zstd', () => true], // browsers know it, so nobody puts it on a plain body
];
const CONTROLS_IN_BYTES = 512;
/** Enough for every sign above, and for the two bytes that tell zlib from a bare deflate stream. */
const SIGN_BYTES = 4;

/** A body is in a coding that cannot be undone, or in too many. */
export class UndoableCodingError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'UndoableCodingError';
  }
}

const plain = new Map(
  UNDOABLE.filter(([name]) => !contentCodings.has(name)).map(
    ([name, isIn]) => [name, plainUnless(name, isIn)] as const,
  ),
);

/** The codings that a Content-Encoding names, in lower case, also those that cannot be undone. Words that name none are passed over. */
export const codingNames = (contentEncoding: string | undefined): string[] =>
  (contentEncoding ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => contentCodings.has(word) || plain.has(word));

/**
 * What undoes a Content-Encoding (RFC 9110 §8.4), in this order. A step for a coding that cannot be undone fails with an
 * {@link UndoableCodingError} on what is really in it. Throws one for more than five codings.
 */
export function codingSteps(contentEncoding: string | undefined): ContentCoding[] {
  const steps = codingNames(contentEncoding).flatMap((name) => contentCodings.get(name) ?? plain.get(name) ?? []);
  if (steps.length > MAX_CODINGS) throw new UndoableCodingError('more codings than any server needs');
  return steps.reverse(); // the last one was applied last
}

/** The same steps as browsers take them; undefined when there is no difference. */
export function lenientSteps(steps: readonly ContentCoding[]): readonly ContentCoding[] | undefined {
  return steps.some(({ lenient }) => lenient) ? steps.map((step) => step.lenient ?? step) : undefined;
}

function plainUnless(name: string, isIn: (beginning: Buffer) => boolean): ContentCoding {
  const check = (beginning: Buffer): void => {
    if (isIn(beginning)) throw new UndoableCodingError(`${name} cannot be undone`);
  };
  return {
    createStage: (first) => failingAtOnce(() => check(first)),
    unpack: (packed, _isCut, maxOutputLength) => {
      check(packed);
      if (packed.length <= maxOutputLength) return packed;
      throw Object.assign(new RangeError(`more than ${maxOutputLength} bytes`), { code: 'ERR_BUFFER_TOO_LARGE' });
    },
  };
}

/** Its error comes out of the stream, as those of the others do. */
function failingAtOnce(check: () => void): Transform {
  const stage = new PassThrough();
  try {
    check();
  } catch (error) {
    stage.destroy(error as Error);
  }
  return stage;
}

const startsWith = (bytes: Buffer, hex: string): boolean => bytes.toString('hex', 0, SIGN_BYTES).startsWith(hex);

/** MIME Sniffing Standard §3, "binary data byte". */
function hasControls(bytes: Buffer): boolean {
  return bytes
    .subarray(0, CONTROLS_IN_BYTES)
    .some((byte) => byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f));
}
