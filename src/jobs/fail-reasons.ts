/** All values of `failReason` and what they mean. `docs/errors.md` repeats the list, and a test compares the two. */
export const failReasons = {
  failed_due_to_timeout: 'It was tried again and again until its time was over.',
  max_cost_exceeded: 'Its price is over the `max_cost` that came with it.',
  credits_exhausted: 'The key had no credits left for it.',
  forbidden_target: 'The address that would have been dialled is not public and has not been opened by the owner.',
  response_too_large: 'The page unpacks to more than 50 MB, three times in all.',
  conversion_failed: 'The page could not be made into what was asked for, three times in all.',
  payment_required: 'The site answers 402: it wants to be paid for the page, twice in all. Nothing is ever paid.',
  unavailable_for_legal_reasons: 'The site answers 451: the page must not be shown here, twice in all.',
  robots_disallowed: 'The robots.txt of the site does not allow it, and this server obeys.',
  too_many_redirects: 'More than 20 redirects, or a redirect loop, three times in all.',
  terminated: 'Someone ended its workflow from the Temporal side.',
  internal_error: 'A bug of ours. Never charged.',
} as const satisfies Record<string, string>;

export type FailReason = keyof typeof failReasons;
