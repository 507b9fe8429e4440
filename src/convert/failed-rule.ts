import type { SuccessRule } from '../jobs/success-rule';
import { decodeText } from '../http/charset/charset';
import { pageSyntax } from './page-syntax';
import type { hasMatch } from './selector';

/**
 * Finds the first part of a success rule that a body does not meet, as a few words for people; undefined when it meets all.
 * The status is not checked.
 * @param finder looks for selectors; only threads have it, because what it needs takes 9 MB
 */
export function failedRule(
  body: Buffer,
  contentType: string | undefined,
  rule: SuccessRule,
  finder?: typeof hasMatch,
): string | undefined {
  const { minBytes = 0, contains = [], notContains = [], selector } = rule;
  if (body.length < minBytes) return `minBytes ${minBytes}, got ${body.length}`;
  if (contains.length === 0 && notContains.length === 0 && selector === undefined) return undefined;
  const { text } = decodeText(body, contentType);
  const missing = contains.find((part) => !text.includes(part));
  if (missing !== undefined) return `contains ${quoted(missing)}`;
  const unwanted = notContains.find((part) => text.includes(part));
  if (unwanted !== undefined) return `notContains ${quoted(unwanted)}`;
  if (selector === undefined) return undefined;
  if (finder === undefined) throw new Error('there is nothing to look for selectors with');
  const isXml = pageSyntax(text, contentType) === 'xml';
  return finder(text, selector, { isXml }) ? undefined : `selector ${quoted(selector)}`;
}

const MAX_QUOTED_LENGTH = 100;

/** Quotes a text as JSON, so that it is one line whatever is in it. */
const quoted = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text);
