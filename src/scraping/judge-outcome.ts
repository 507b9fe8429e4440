import type { FailReason } from '../jobs/fail-reasons';
import type { FetchedPage, Trouble } from '../jobs/fetch-outcome';
import type { LastFailure } from '../jobs/job-object-schema';
import { CHALLENGE_SURCHARGE } from '../jobs/prices';
import { confirmedReasonOf } from '../jobs/tried-attempt';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { StoredJob } from '../store/jobs';
import type { AttemptResult } from './attempt-job';

/** What happens to a job after an attempt. */
export type Decision =
  | { readonly kind: 'finish'; readonly page: FetchedPage; readonly surcharge: number; readonly tried?: TriedAttempt }
  | {
      readonly kind: 'fail';
      readonly failReason: FailReason;
      readonly lastFailure?: LastFailure;
      readonly tried?: TriedAttempt;
    }
  | Retry;

interface Retry {
  readonly kind: 'retry';
  readonly trouble: Trouble;
  readonly tried: TriedAttempt;
  readonly strikes: number;
  readonly lastFailure: LastFailure;
  /** True when the next attempt has to confirm this one. It comes later than usual, to give the target time to recover. */
  readonly isToBeConfirmed?: boolean;
}

/** Trouble that may be a passing fault of the target, so that only the third time ends the job. */
const MAX_STRIKES = 3;
const STRIKE_REASONS: Partial<Record<Trouble['kind'], FailReason>> = {
  'too-large': 'response_too_large',
  'too-many-redirects': 'too_many_redirects',
  unconvertible: 'conversion_failed',
};

/** Trouble that cannot go away while the job is tried, so that it ends the job at once. */
const FINAL_REASONS: Partial<Record<Trouble['kind'], FailReason>> = {
  forbidden: 'forbidden_target',
  disallowed: 'robots_disallowed',
};

function lastFailureOf(trouble: Trouble, at: string): LastFailure {
  const detail = detailOf(trouble);
  return {
    reason: trouble.kind,
    ...('statusCode' in trouble && { statusCode: trouble.statusCode }),
    ...(detail !== undefined && { detail }),
    ...(trouble.kind === 'blocked' && { signal: trouble.signal }),
    ...(trouble.kind === 'refused' && trouble.terms),
    at,
  };
}

function detailOf(trouble: Trouble): string | undefined {
  switch (trouble.kind) {
    case 'unreachable':
      return trouble.code;
    case 'blocked':
      return trouble.vendor;
    case 'unsuccessful':
      return trouble.rule;
    case 'unconvertible':
      return trouble.reason;
    case 'forbidden':
      return forbiddenDetail(trouble);
    case 'disallowed':
      return trouble.host;
    default:
      return undefined;
  }
}

/** Names the host, where a redirect may have led, and not what a name resolves to here, because clients see this. */
function forbiddenDetail({ host, reason }: Extract<Trouble, { kind: 'forbidden' }>): string {
  const why = reason.replace(/^it resolves to .*/, 'it resolves to an address that is not public');
  return /not public|this machine/.test(why)
    ? `${host}: ${why}; on your own server, ALLOW_PRIVATE_TARGETS opens it`
    : `${host}: ${why}`;
}

/**
 * Decides what happens to a job after an attempt.
 * @param job its `strikes` count the attempts that ended as too large, in too many redirects or unconvertible; its `tried` tells
 *   whether a 402 or 451 is the second one
 */
export function judgeOutcome(
  attempt: AttemptResult,
  {
    strikes,
    price,
    options,
    isCapped = false,
    tried: history = [],
  }: Pick<StoredJob, 'strikes' | 'price' | 'options' | 'tried' | 'isCapped'>,
  now: Date,
): Decision {
  if (attempt.kind === 'page') {
    // Where what is spent is limited, only prices are reserved.
    const surcharge = attempt.hasPassedChallenge && !isCapped ? CHALLENGE_SURCHARGE : 0;
    const maxCost = options.apiParams?.max_cost ?? Infinity;
    const made = attempt.tried === undefined ? undefined : { tried: attempt.tried };
    if (surcharge > 0 && price + surcharge > maxCost) return { kind: 'fail', failReason: 'max_cost_exceeded', ...made };
    return { kind: 'finish', page: attempt.page, surcharge, ...made };
  }
  const { trouble, tried, isLast = false } = attempt;
  const lastFailure = lastFailureOf(trouble, now.toISOString());
  const fail = (failReason: FailReason): Decision => ({ kind: 'fail', failReason, lastFailure, tried });
  const finalReason = FINAL_REASONS[trouble.kind];
  if (finalReason !== undefined) return fail(finalReason);
  const again = (how: Pick<Retry, 'strikes' | 'isToBeConfirmed'>): Decision =>
    isLast ? fail('failed_due_to_timeout') : { kind: 'retry', trouble, tried, lastFailure, ...how };
  const confirmedReason = confirmedReasonOf(tried);
  if (confirmedReason !== undefined) {
    const isConfirmed = history.some((before) => confirmedReasonOf(before) === confirmedReason);
    if (isConfirmed) return fail(confirmedReason);
    return again({ strikes, isToBeConfirmed: true });
  }
  const strikeReason = STRIKE_REASONS[trouble.kind];
  if (strikeReason === undefined) return again({ strikes });
  if (strikes + 1 >= MAX_STRIKES) return fail(strikeReason);
  return again({ strikes: strikes + 1 });
}
