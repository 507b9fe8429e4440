import type { Transform } from 'node:stream';
import { PassThrough } from 'node:stream';
import { BadContentEncodingError } from '../body-errors';
import { contentCodings } from './content-codings';
import type { ContentCoding } from './content-codings';

/** Most codings in a row: no server needs more, and each multiplies what a hostile server can expand a byte to. */
const MAX_CODINGS = 5;

/**
 * Codings of the IANA HTTP Content Coding Registry without a decoder here, each with a test whether a body is really in it. Servers also
 * name them for plain bodies, which browsers then show unchanged.
 */
const UNDECODABLE: readonly (readonly [name: string, isIn: (beginning: Buffer) => boolean])[] = [
  ['aes128gcm', hasControls], // RFC 8188 §2.1: begins with a random salt and the size of records, whose first byte is 0
  ['compress', (bytes) => startsWith(bytes, '1f9d')],
  ['x-compress', (bytes) => startsWith(bytes, '1f9d')],
  ['dcb', (bytes) => startsWith(bytes, 'ff444342')], // RFC 9842 §4
  ['dcz', (bytes) => startsWith(bytes, '5e2a4d18')], // RFC 9842 §5
  ['exi', hasControls],
  ['pack200-gzip', (bytes) => startsWith(bytes, '1f8b')],
  ['zstd', () => true], // browsers decode it, so servers do not name it for plain bodies
];
const CONTROLS_IN_BYTES = 512;
/** Length of the longest signature above. */
const SIGN_BYTES = 4;

const plain = new Map(
  UNDECODABLE.filter(([name]) => !contentCodings.has(name)).map(
    ([name, isIn]) => [name, plainUnless(name, isIn)] as const,
  ),
);

/** Whether a body in this coding can be read; `identity` and `*` can. */
export function isDecodable(coding: string): boolean {
  const name = coding.trim().toLowerCase();
  return ['', '*', 'identity'].includes(name) || contentCodings.has(name);
}

/** Codings that a Content-Encoding names, in lower case, including those without a decoder here. Words that name no coding are ignored. */
export const codingNames = (contentEncoding: string | undefined): string[] =>
  (contentEncoding ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => contentCodings.has(word) || plain.has(word));

/**
 * Steps that decode a Content-Encoding (RFC 9110 §8.4), in order. The step for a coding without a decoder fails if the body is really in
 * that coding.
 * @throws BadContentEncodingError for more than five codings
 */
export function codingSteps(contentEncoding: string | undefined): readonly ContentCoding[] {
  const only = contentCodings.get(contentEncoding ?? '');
  if (only !== undefined) return [only];
  const steps = codingNames(contentEncoding).flatMap((name) => contentCodings.get(name) ?? plain.get(name) ?? []);
  if (steps.length > MAX_CODINGS) throw new BadContentEncodingError(contentEncoding);
  return steps.reverse(); // the server applied the last one last
}

/** The same steps with the lenient decoders; undefined when none of them has one. */
export function lenientSteps(steps: readonly ContentCoding[]): readonly ContentCoding[] | undefined {
  return steps.some(({ lenient }) => lenient) ? steps.map((step) => step.lenient ?? step) : undefined;
}

function plainUnless(name: string, isIn: (beginning: Buffer) => boolean): ContentCoding {
  const check = (beginning: Buffer = Buffer.alloc(0)): void => {
    if (isIn(beginning)) throw new Error(`${name} has no decoder`);
  };
  return {
    windowBytes: 0,
    createStage: (first) => failingAtOnce(() => check(first)),
    unpack: (packed, _isCut, maxOutputLength) => {
      check(packed);
      if (packed.length <= maxOutputLength) return packed;
      throw Object.assign(new RangeError(`more than ${maxOutputLength} bytes`), { code: 'ERR_BUFFER_TOO_LARGE' });
    },
  };
}

/** Creates a stage whose error comes out of the stream, like those of the decoders. */
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

/** Whether bytes hold a "binary data byte" (MIME Sniffing Standard §3). */
function hasControls(bytes: Buffer): boolean {
  return bytes
    .subarray(0, CONTROLS_IN_BYTES)
    .some((byte) => byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f));
}
