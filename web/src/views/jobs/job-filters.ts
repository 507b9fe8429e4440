export const jobStatuses = ['running', 'finished', 'failed', 'cancelled'] as const;

/** Values of `failReason` that people filter for, those that are met most first. docs/errors.md explains them. */
export const failReasons = [
  'failed_due_to_timeout',
  'forbidden_target',
  'robots_disallowed',
  'too_many_redirects',
  'payment_required',
  'unavailable_for_legal_reasons',
  'response_too_large',
  'conversion_failed',
  'credits_exhausted',
  'max_cost_exceeded',
  'terminated',
  'internal_error',
] as const;
