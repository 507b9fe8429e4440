import type { FailReason } from './fail-reasons';
import type { ProxyTier } from './features';
import type { Trouble } from './fetch-outcome';
import type { PlanReason } from './plan-reasons';

/** `impersonate` sends HTTP requests that look like those of a browser; `browser` is a real one. */
export const engineNames = ['http', 'impersonate', 'browser'] as const;
export type EngineName = (typeof engineNames)[number];

/** How the next attempt was planned to be made, and why. */
export interface NextAttempt {
  readonly engine: EngineName;
  /** Tier of its proxy, when it is to use one. */
  readonly tier?: ProxyTier;
  /** Whether another proxy is to be used than before, where there is one. */
  readonly isOtherProxy?: true;
  readonly why: PlanReason;
}

/**
 * What an attempt came to, and how it was made. It is short, because it is kept in the job's row. An attempt that brought the page
 * is noted only behind others that had not.
 */
export interface TriedAttempt {
  readonly kind: Trouble['kind'] | 'page';
  readonly statusCode?: number;
  /** Vendor of the protection that blocked the fetch. */
  readonly vendor?: string;
  /** Error code, when the target could not be reached. */
  readonly code?: string;
  readonly engine: EngineName;
  /** Tier and name of the proxy, when one was used. */
  readonly tier?: ProxyTier;
  readonly proxy?: string;
  /** When it began (ms since the epoch), and how long it took (ms). Rows of before have neither these nor the following. */
  readonly at?: number;
  readonly durationMs?: number;
  /** When the next attempt was due (ms since the epoch). */
  readonly nextAt?: number;
  readonly next?: NextAttempt;
}

/** Attempts that are kept in a job's history. A day of back-off makes some 60, and nothing depends on the older ones. */
const MAX_TRIED = 20;

/** Statuses with which a site refuses to show the page for good, rather than reports a passing fault. */
const REASONS: Readonly<Partial<Record<number, FailReason>>> = {
  402: 'payment_required',
  451: 'unavailable_for_legal_reasons',
};

/**
 * The reason with which a job fails once a second attempt ends like this one. One attempt is not enough, because the next one may
 * take another proxy, and a page that is refused in one country is shown in another. Block pages do not count, whatever their status.
 * @returns undefined for trouble that is simply tried again
 */
export const confirmedReasonOf = ({
  kind,
  statusCode,
}: Pick<TriedAttempt, 'kind' | 'statusCode'>): FailReason | undefined =>
  kind === 'refused' && statusCode !== undefined ? REASONS[statusCode] : undefined;

/**
 * Appends an attempt to a job's history and drops the oldest ones beyond {@link MAX_TRIED}. An attempt that waits for its
 * confirmation is kept however old it is; there is at most one of each kind, because the second one ends the job.
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
