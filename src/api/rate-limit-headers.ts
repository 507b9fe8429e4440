import type { Allowance, Refusal } from '../store/admission';

/** Names of the two limits of a key that stand in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10). */
const submitPolicy = (perSecond: number): string => `"submit";q=${perSecond};w=1`;
const unfinishedPolicy = (limit: number): string => `"unfinished";q=${limit}`;

/** Headers of an accepted submission: the limits of its key, and what they leave. */
export const rateLimitHeaders = (allowance: Allowance): Record<string, string> => {
  const { perSecond, submitsLeft, unfinishedLimit, unfinishedLeft } = allowance;
  return {
    'RateLimit-Policy': `${submitPolicy(perSecond)}, ${unfinishedPolicy(unfinishedLimit)}`,
    RateLimit: `"submit";r=${submitsLeft};t=1, "unfinished";r=${unfinishedLeft}`,
  };
};

/** Headers of a submission that one of the two limits has refused, with the time after which it may be repeated. */
export function refusalHeaders(refusal: Exclude<Refusal, { kind: 'credits_exhausted' }>): Record<string, string> {
  const retryAfter = String(refusal.retryAfterSec);
  if (refusal.kind === 'submit_rate_exceeded')
    return {
      'Retry-After': retryAfter,
      'RateLimit-Policy': submitPolicy(refusal.perSecond),
      RateLimit: `"submit";r=0;t=${retryAfter}`,
    };
  return {
    'Retry-After': retryAfter,
    'RateLimit-Policy': unfinishedPolicy(refusal.limit),
    RateLimit: `"unfinished";r=${Math.max(refusal.limit - refusal.unfinished, 0)}`,
  };
}
