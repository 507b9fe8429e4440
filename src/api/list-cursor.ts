import { createHash } from 'node:crypto';
import { invalid } from './checked-input';

/** What a cursor belongs to: it goes on only in the same list of the same key with the same filters. */
export interface CursorScope {
  readonly list: string;
  readonly apiKeyId: string;
  /** Parameters of the query; its `limit` and `cursor` may change from page to page. */
  readonly query: Readonly<Record<string, unknown>>;
}

const MARK_LENGTH = 12;

/** Makes a cursor out of the texts that name a place. */
export function cursorOf(scope: CursorScope, place: readonly string[]): string {
  const text = place.join(' ');
  return Buffer.from(`${markOf(scope, text)}${text}`).toString('base64url');
}

/**
 * The texts that name the place of a cursor.
 * @param pattern expression whose groups are these texts
 * @throws ProblemError `invalid_request` when it is none of this list
 */
export function placeOf(
  scope: CursorScope,
  cursor: string | undefined,
  pattern: RegExp,
): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const place = text.slice(MARK_LENGTH);
  const found = pattern.exec(place);
  if (found !== null && text.slice(0, MARK_LENGTH) === markOf(scope, place)) return found.slice(1);
  throw invalid([{ path: 'cursor', message: 'is not the nextCursor of an answer to this query' }]);
}

/** Digest that tells garbage and cursors of other lists. It keeps nobody from making one: a list shows a key only what is its own. */
function markOf({ list, apiKeyId, query }: CursorScope, place: string): string {
  const filters = Object.entries(query)
    .filter(([name, value]) => value !== undefined && name !== 'cursor' && name !== 'limit')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([list, apiKeyId, filters, place]))
    .digest('base64url')
    .slice(0, MARK_LENGTH);
}

/** Expressions for the parts of places. The time is as PostgreSQL writes it. */
export const TIME = '(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?[+-]\\d\\d(?::\\d\\d)?)';
export const UUID = '([0-9a-f-]{36})';
