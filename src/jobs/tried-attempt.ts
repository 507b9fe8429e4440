import type { FailReason } from './fail-reasons';
import type { ProxyTier } from './features';
import type { Trouble } from './fetch-outcome';

/** `impersonate` speaks HTTP as a browser does, `browser` is one. */
export type EngineName = 'http' | 'impersonate' | 'browser';

/** What an attempt that did not end its job ran into, and how it was made. Short, because it is kept in the job's row. */
export interface TriedAttempt {
  readonly kind: Trouble['kind'];
  readonly statusCode?: number;
  /** Of a block: the protection. */
  readonly vendor?: string;
  /** Of a target that could not be reached. */
  readonly code?: string;
  readonly engine: EngineName;
  /** Where it went through a proxy: the tier and name of that one. */
  readonly tier?: ProxyTier;
  readonly proxy?: string;
}

/** What is kept of a job's history: a day of back-off makes some 60 attempts, and nothing depends on older ones. */
export const MAX_TRIED = 20;

/** Statuses by which a site says that it does not want to show the page, and not that something is wrong at the moment. */
const REASONS: Readonly<Partial<Record<number, FailReason>>> = {
  402: 'payment_required',
  451: 'unavailable_for_legal_reasons',
};

/**
 * Why a job fails once a second attempt ends like this one. One alone is not believed: the next attempt may go another way, and what
 * is blocked in one country is shown in another. A block page is none of these, whatever its status.
 * @returns undefined for what is simply tried again
 */
export const confirmedReasonOf = ({
  kind,
  statusCode,
}: Pick<TriedAttempt, 'kind' | 'statusCode'>): FailReason | undefined =>
  kind === 'refused' && statusCode !== undefined ? REASONS[statusCode] : undefined;

/**
 * A job's history with one more attempt at its end, and without the oldest where it would grow too long. What a second attempt would
 * confirm stays however old it is; there is at most one of each kind, because the second one ends the job.
 */
export function remembered(history: readonly TriedAttempt[], last: TriedAttempt): readonly TriedAttempt[] {
  let surplus = history.length + 1 - MAX_TRIED;
  const kept = history.filter((tried) => {
    if (surplus <= 0 || confirmedReasonOf(tried) !== undefined) return true;
    surplus -= 1;
    return false;
  });
  return [...kept, last].slice(-MAX_TRIED);
}
