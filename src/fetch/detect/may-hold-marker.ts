import type { HeaderPair } from '../../http/header-value';
import { THIN_BYTES, THIN_WORDS, isErrorStatus, isHtmlType, mediaTypeOf } from './detect-block';
import { showsMoreThan } from './shows-more-than';
import { textMarkers } from './text-markers';

/** A page with a good status that says enough is no block page without one of these. */
const HOLD_LITERAL = textMarkers.flatMap(({ scope, literal = '' }) =>
  scope === 'anywhere' ? [literalFinder(literal)] : [],
);

/**
 * Whether `detectBlock` could find anything in the text of this body. Told from its bytes alone, and so without a string of the page: for an
 * ordinary page that is a tenth of the work.
 * @param beginning what detection would see of the body, before it is decoded
 */
export function mayHoldMarker(beginning: Buffer, statusCode: number, headers: readonly HeaderPair[]): boolean {
  const type = mediaTypeOf(headers);
  if (type !== '' && !isHtmlType(type)) return false;
  if (isErrorStatus(statusCode) || HOLD_LITERAL.some((holds) => holds(beginning))) return true;
  return beginning.length <= THIN_BYTES && !showsMoreThan(beginning, THIN_WORDS);
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

/** `-d` as `-d` and `-D`. */
function spellingsOf(text: string): readonly string[] {
  return [...text].reduce<readonly string[]>(
    (all, letter) => [...new Set([letter, letter.toUpperCase()])].flatMap((each) => all.map((start) => start + each)),
    [''],
  );
}
