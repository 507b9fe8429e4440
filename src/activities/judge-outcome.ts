import type { FailReason } from '../contracts/fail-reasons';
import type { FetchOutcome, FetchedPage, Trouble } from '../contracts/fetch-outcome';
import type { LastFailure } from '../contracts/job-object';

/** What an outcome means for its job. */
export type Verdict =
  | { readonly kind: 'finish'; readonly page: FetchedPage }
  | { readonly kind: 'fail'; readonly failReason: FailReason; readonly lastFailure: LastFailure }
  | { readonly kind: 'retry'; readonly trouble: Trouble; readonly strikes: number; readonly lastFailure: LastFailure };

/** Too large and too many redirects may be a passing fault of the target: only the third one is believed. */
const STRIKES = 3;
const STRIKE_REASONS: Partial<Record<Trouble['kind'], FailReason>> = {
  'too-large': 'response_too_large',
  'too-many-redirects': 'too_many_redirects',
};

function lastFailureOf(trouble: Trouble, at: string): LastFailure {
  const detail =
    trouble.kind === 'unreachable' ? trouble.code : trouble.kind === 'blocked' ? trouble.vendor : undefined;
  return {
    reason: trouble.kind,
    ...('statusCode' in trouble && { statusCode: trouble.statusCode }),
    ...(detail !== undefined && { detail }),
    at,
  };
}

/** @param strikes attempts so far that ended as too large or in too many redirects */
export function judgeOutcome(outcome: FetchOutcome, strikes: number, now: Date): Verdict {
  if (outcome.kind === 'page') return { kind: 'finish', page: outcome.page };
  const lastFailure = lastFailureOf(outcome, now.toISOString());
  if (outcome.kind === 'forbidden') return { kind: 'fail', failReason: 'forbidden_target', lastFailure };
  const strikeReason = STRIKE_REASONS[outcome.kind];
  if (strikeReason === undefined) return { kind: 'retry', trouble: outcome, strikes, lastFailure };
  if (strikes + 1 >= STRIKES) return { kind: 'fail', failReason: strikeReason, lastFailure };
  return { kind: 'retry', trouble: outcome, strikes: strikes + 1, lastFailure };
}
