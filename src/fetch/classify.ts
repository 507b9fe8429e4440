import type { FetchOutcome, FetchRequest } from '../jobs/fetch-outcome';
import { detectBlock } from './detect/detect-block';
import { headerValue } from '../http/header-value';
import type { HeaderPair } from '../http/header-value';
import { refusalTermsOf } from './refusal-terms';
import { parseRetryAfter } from '../http/retry-after';

export type FinalityRules = Pick<FetchRequest, 'retry404' | 'finalStatuses'>;

export interface Answered {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  /** The decoded beginning of the body; empty when it could not be read. */
  readonly text: string;
  /** URL at which the redirects ended; relative links are resolved against it. */
  readonly url?: string | undefined;
}

/** The judgement of an answer. For `page`, the caller adds the page itself. */
export type Verdict =
  { readonly kind: 'page' } | Extract<FetchOutcome, { kind: 'blocked' | 'throttled' | 'refused' | 'unsuccessful' }>;

/** Judges an answer. Blocks are looked for first: Cloudflare challenges with 429 and 503 too, and waiting does not pass a challenge. */
export function classify(answered: Answered, rules: FinalityRules, nowMs: number): Verdict {
  const { statusCode, headers } = answered;
  const block = detectBlock(answered);
  if (block) return { kind: 'blocked', statusCode, vendor: block.vendor, signal: block.signal };
  if (isFinalStatus(statusCode, rules)) return { kind: 'page' };
  if (rules.finalStatuses !== undefined && isUsuallyFinal(statusCode, rules))
    return { kind: 'unsuccessful', statusCode, rule: `status ${rules.finalStatuses.join(' or ')}, got ${statusCode}` };
  if (statusCode !== 429 && statusCode !== 503) {
    const terms = refusalTermsOf(statusCode, headers, answered.url);
    return { kind: 'refused', statusCode, ...(terms !== undefined && { terms }) };
  }
  const retryAfterMs = parseRetryAfter(headerValue(headers, 'retry-after'), nowMs);
  return { kind: 'throttled', statusCode, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Whether a page with this status ends the job, unless it turns out to be a block page. */
export function isFinalStatus(statusCode: number, rules: FinalityRules): boolean {
  return rules.finalStatuses?.includes(statusCode) ?? isUsuallyFinal(statusCode, rules);
}

/** A 3xx that gets here is not followed: it has no `Location` (Fetch §4.4), or the caller does not want redirects. */
function isUsuallyFinal(statusCode: number, { retry404 }: FinalityRules): boolean {
  if (statusCode === 404 || statusCode === 410) return !retry404;
  return statusCode >= 200 && statusCode < 400;
}
