import type { FailReason } from './fail-reasons';
import type { TriedAttempt } from './tried-attempt';

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
