import { parseUrl } from '../net/parse-url';

export const MAX_URL_BYTES = 8_192;

// NUL cannot be stored, and WHATWG URL silently drops tabs and line breaks: such a URL would not be the one that was asked for.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Would be stored as U+FFFD, so the echo would not be what was sent. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What is wrong with a target URL, or undefined when it can be fetched.
 * The text is kept as sent, because clients match answers by it; here it is only looked at.
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
