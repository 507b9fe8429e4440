/**
 * Every error code of the HTTP API, with its status and its meaning.
 * Codes are a public contract. `docs/errors.md` has a row for each, and a test checks that the two agree.
 */
export const errorCodes = {
  invalid_json: { status: 400, title: 'The body is not valid JSON.' },
  invalid_request: { status: 400, title: 'A field is missing, has the wrong type or is out of range.' },
  invalid_url: { status: 400, title: 'A URL is not an absolute http or https URL.' },
  feature_not_configured: { status: 400, title: 'This server has not been given what the parameter needs.' },
  missing_api_key: { status: 401, title: 'No API key was sent.' },
  unknown_api_key: { status: 401, title: 'The API key is not known here.' },
  credits_exhausted: { status: 403, title: 'The key has not enough credits left for this.' },
  max_cost_exceeded: { status: 403, title: 'The price of the job, or of every URL of the batch, is over max_cost.' },
  forbidden_target: { status: 403, title: 'The address is not public and has not been opened by the owner.' },
  admin_key_required: { status: 403, title: 'Only an admin key may do this.' },
  not_found: { status: 404, title: 'There is no such thing here.' },
  method_not_allowed: { status: 405, title: 'The path takes another method.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time.' },
  idempotency_conflict: { status: 409, title: 'The Idempotency-Key has been used with another request.' },
  idempotency_in_flight: {
    status: 409,
    title: 'The first request with this Idempotency-Key is still being worked on.',
  },
  batch_ended: {
    status: 409,
    title: 'The batch has ended, or is being cancelled: nothing of it can be changed any more.',
  },
  batch_running: { status: 409, title: 'The batch has not ended yet.' },
  batch_not_paused: {
    status: 409,
    title: 'A batch can be given maxCredits only while it is paused and nothing of it is being fetched.',
  },
  max_credits_below_spent: { status: 409, title: 'The batch has spent more than that already.' },
  count_changed: { status: 409, title: 'Another number of URLs is selected now than `ifCount` says.' },
  job_running: { status: 409, title: 'The job has not ended yet.' },
  key_name_taken: { status: 409, title: 'There is a key with this name already; a revoked key keeps its name, too.' },
  key_revoked: { status: 409, title: 'The key has been revoked: nothing of it can be changed any more.' },
  key_in_use: { status: 409, title: 'A key cannot revoke or demote itself; another admin key can.' },
  last_admin_key: { status: 409, title: 'It is the only admin key, which can be neither revoked nor demoted.' },
  expired: { status: 410, title: 'It existed, and has been removed by retention or on request.' },
  body_too_large: { status: 413, title: 'The request body is over the size limit.' },
  too_many_urls: { status: 413, title: 'A batch takes at most 50,000 URLs.' },
  unsupported_media_type: { status: 415, title: 'The body has a content type or encoding that is not understood.' },
  submit_rate_exceeded: { status: 429, title: 'The key submits faster than it may.' },
  too_many_unfinished: { status: 429, title: 'The key has as many unfinished URLs as it may have.' },
  headers_too_large: { status: 431, title: 'The request line and headers are over the size limit.' },
  internal_error: { status: 500, title: 'A bug of ours; the request id finds it in the log.' },
  fetch_failed: { status: 500, title: 'The page could not be fetched in time, or its job failed.' },
  page_damaged: { status: 500, title: 'The stored page is damaged, and is not given out.' },
  overloaded: { status: 503, title: 'Too many large requests are being read right now; try again.' },
  too_many_streams: { status: 503, title: 'As many streams are open as this server takes; try again.' },
  too_many_waiting: { status: 503, title: 'As many requests as may are waiting for their page; try again.' },
  store_unavailable: { status: 503, title: 'Nothing can be stored right now; try again.' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** One thing that is wrong with a request, and where it stands. */
export interface ProblemDetail {
  readonly path: string;
  readonly message: string;
}
