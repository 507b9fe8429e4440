import type { HeaderPair } from '../../http/header-value';
import { THIN_BYTES, THIN_WORDS, isErrorStatus, isHtmlType, mediaTypeOf } from './detect-block';
import { literalFinder } from './literal-finder';
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
