import type { HeaderPair } from '../../http/header-value';
import { THIN_BYTES, THIN_CHARACTERS, isErrorStatus, isHtmlType, mediaTypeOf } from './detect-block';
import { showsMoreThan } from './shows-more-than';
import { textMarkers } from './text-markers';

/** How many bytes of an unpacked page detection sees. */
export const PREFIX_BYTES = 16 * 1024;

/** The text that detection searches. It is empty when there can be no marker, because decoding and searching are costly. */
export function detectionText(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): string {
  const bytes = utf8Of(beginning);
  return mayHoldMarker(bytes, statusCode, headers) ? bytes.toString('utf8') : '';
}

/**
 * The beginning of a page in UTF-8, as far as markers need it. They are ASCII, and so the same bytes in every charset but UTF-16, which
 * has a byte order mark or a NUL beside its first letter. For other pages it only looks at two bytes.
 */
export function utf8Of(beginning: Buffer): Buffer {
  const [first, second] = beginning;
  const isLittle = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  if (!isLittle && !isBig) return beginning;
  const whole = beginning.subarray(0, beginning.length & ~1);
  const text = (isBig ? Buffer.from(whole).swap16() : whole).toString('utf16le');
  return Buffer.from(text.replace(/^\ufeff/, ''));
}

/** A page with a good status and enough text can only be a block page if it contains one of these literals. */
const HOLD_LITERAL = textMarkers.flatMap(({ scope, literal = '' }) =>
  scope === 'anywhere' ? [literalFinder(literal)] : [],
);

/**
 * Whether `detectBlock` could find anything in the text of this body. It looks at the bytes alone: for an ordinary page, that is a tenth of
 * the work of making a string and searching it.
 * @param beginning the part of the body that detection would see, not decoded
 */
export function mayHoldMarker(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): boolean {
  const type = mediaTypeOf(headers);
  if (type !== '' && !isHtmlType(type)) return false;
  if (isErrorStatus(statusCode) || HOLD_LITERAL.some((holds) => holds(beginning))) return true;
  return beginning.length <= THIN_BYTES && !showsMoreThan(beginning, THIN_CHARACTERS);
}

/**
 * Tells whether ASCII text is somewhere in bytes, in whatever case. A regular expression would need a string of them, and takes ten times as
 * long; here the native search looks for the rarest pair of the text's bytes, which is `-d` rather than `ca`.
 */
export function literalFinder(literal: string): (bytes: Buffer) => boolean {
  const wanted = literal.toLowerCase();
  const offset = Math.max(0, literal.search(/[-_]/));
  const pairs = spellingsOf(wanted.slice(offset, offset + 2)).map((pair) => Buffer.from(pair, 'latin1'));
  const isAt = (bytes: Buffer, start: number) =>
    start >= 0 && bytes.toString('latin1', start, start + wanted.length).toLowerCase() === wanted;
  return (bytes) =>
    pairs.some((pair) => {
      let at = bytes.indexOf(pair);
      while (at !== -1 && !isAt(bytes, at - offset)) at = bytes.indexOf(pair, at + 1);
      return at !== -1;
    });
}

/** All spellings in lower and upper case: `-d` and `-D` for `-d`. */
function spellingsOf(text: string): readonly string[] {
  return [...text].reduce<readonly string[]>(
    (all, letter) => [...new Set([letter, letter.toUpperCase()])].flatMap((each) => all.map((start) => start + each)),
    [''],
  );
}
