import { parseUrl } from '../net/parse-url';

export const MAX_URL_BYTES = 8_192;

// PostgreSQL cannot store NUL, and WHATWG URL silently drops tabs and line breaks, so that another URL would be fetched than was sent.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Half of a character. PostgreSQL would store U+FFFD instead, so that the URL in the answer would differ from the one that was sent. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Says what is wrong with a target URL, or returns undefined when it can be fetched.
 * The URL itself is stored as it was sent, because clients match answers by it.
 */
export function urlProblem(value: unknown): string | undefined {
  if (typeof value !== 'string')
    return `must be a string, not ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}`;
  if (value === '') return 'is empty';
  if (value.length > MAX_URL_BYTES || Buffer.byteLength(value) > MAX_URL_BYTES)
    return `is longer than ${MAX_URL_BYTES} bytes`;
  if (CONTROL.test(value)) return 'contains a control character';
  if (LONE_SURROGATE.test(value)) return 'is not well-formed Unicode';
  if (!/^\s*https?:\/\//i.test(value) || parseUrl(value) === undefined) return 'is not an absolute http or https URL';
  return undefined;
}
