import type { HeaderPair } from '../../http/header-value';
import { THIN_BYTES, THIN_CHARACTERS, isErrorStatus, isHtmlType, mediaTypeOf } from './detect-block';
import { showsMoreThan } from './shows-more-than';
import { textMarkers } from './text-markers';

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
