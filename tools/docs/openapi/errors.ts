import { errorCodes } from '../../../src/jobs/error-codes';
import type { ErrorCode } from '../../../src/jobs/error-codes';
import { named } from './examples';
import { ref } from './json-schema';
import type { Node } from './json-schema';

/** Shape of the errors of a route, which `api/problem.ts` chooses by the path. */
export type ErrorShape = 'compatible' | 'problem';

const allCodes = Object.keys(errorCodes) as ErrorCode[];
const statusOf = (code: ErrorCode): number => errorCodes[code].status;

/** Errors of every route: the path cannot be decoded or is unknown, the store is away, or there is a bug. */
const ANYWHERE: readonly ErrorCode[] = ['invalid_request', 'not_found', 'internal_error', 'store_unavailable'];

/** Errors that the HTTP server itself answers before the route is known, and therefore in one shape. */
const OF_TRANSPORT = allCodes.filter((code) => [408, 431].includes(statusOf(code)));

/** Codes that submissions never have, because they are about jobs that were accepted earlier, or about streams. */
const NOT_OF_SUBMISSIONS: readonly ErrorCode[] = [
  'expired',
  'page_damaged',
  'fetch_failed',
  'method_not_allowed',
  'too_many_streams',
  'too_many_waiting',
  'batch_ended',
  'batch_running',
  'batch_not_paused',
  'max_credits_below_spent',
  'count_changed',
  'job_running',
  'admin_key_required',
  'key_name_taken',
  'key_revoked',
  'key_in_use',
  'last_admin_key',
];
/** Errors of a submission that waits for its page. */
export const waitingErrors: readonly ErrorCode[] = ['expired', 'page_damaged', 'too_many_waiting'];
/** Errors of routes that read a job with a stored page. */
export const jobErrors: readonly ErrorCode[] = ['expired', 'page_damaged'];
export const submissionErrors: readonly ErrorCode[] = allCodes.filter((code) => !NOT_OF_SUBMISSIONS.includes(code));
export const keyErrors: readonly ErrorCode[] = ['missing_api_key', 'unknown_api_key'];
/** Errors of routes that read a body, even if they need none. */
export const bodyErrors: readonly ErrorCode[] = [
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
  'overloaded',
];

const mayBeTriedAgain = (status: number): boolean => [409, 429, 503].includes(status);

const headersOf = (status: number): Node => ({
  'Retry-After': { $ref: '#/components/headers/RetryAfter' },
  ...(status === 429 && {
    RateLimit: { $ref: '#/components/headers/RateLimit' },
    'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
  }),
});

const exampleOf = (code: ErrorCode, shape: ErrorShape): Node => {
  const { status, title } = errorCodes[code];
  return shape === 'compatible'
    ? { error: title, code, ...(code === 'expired' && { expiredAt: '2026-03-05T09:30:04.512Z' }) }
    : {
        type: 'about:blank',
        title,
        status,
        detail: title,
        code,
        requestId: '5d0b6a1e-3f0c-4c52-9d3b-0a4f6d1c7e88',
      };
};

const content = (shape: ErrorShape, codes: readonly ErrorCode[]): Node => ({
  [shape === 'compatible' ? 'application/json' : 'application/problem+json']: {
    schema: {
      allOf: [
        ref(shape === 'compatible' ? 'Error' : 'Problem'),
        { type: 'object', properties: { code: { enum: codes } } },
      ],
    },
    examples: named(Object.fromEntries(codes.map((code) => [code, exampleOf(code, shape)]))),
  },
});

/** The error answers of a route by status, from its own codes and those that every route has. */
export function errorResponses(shape: ErrorShape, own: readonly ErrorCode[] = []): Record<string, Node> {
  const codes = [...new Set([...own, ...ANYWHERE, ...OF_TRANSPORT])];
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b);
  const responses = statuses.map((status) => {
    const here = codes.filter((code) => statusOf(code) === status);
    // The HTTP server answers input that is no HTTP with `invalid_request`.
    const ofServer = here.filter((code) => OF_TRANSPORT.includes(code) || code === 'invalid_request');
    const ofRoute = here.filter((code) => shape === 'compatible' || !OF_TRANSPORT.includes(code));
    const response = {
      description: here.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('\n\n'),
      ...(mayBeTriedAgain(status) && { headers: headersOf(status) }),
      content: {
        ...(ofServer.length > 0 && content('compatible', ofServer)),
        ...(ofRoute.length > 0 && content(shape, ofRoute)),
      },
    };
    return [String(status), response] as const;
  });
  const unforeseen = {
    description: 'Any other error has the same shape.',
    content: {
      [shape === 'compatible' ? 'application/json' : 'application/problem+json']: {
        schema: ref(shape === 'compatible' ? 'Error' : 'Problem'),
      },
    },
  };
  return { ...Object.fromEntries(responses), default: unforeseen };
}
