import {
  ApiError,
  AuthenticationError,
  ConflictError,
  ExpiredError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  UnavailableError,
} from './errors';
import type { ErrorDetail } from './errors';

const CLASSES: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: ExpiredError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
};

/** The members of both forms of errors, see docs/errors.md. */
interface ErrorBody {
  readonly error?: unknown;
  readonly detail?: unknown;
  readonly code?: unknown;
  readonly details?: unknown;
  readonly errors?: unknown;
}

/**
 * The error of an answer that is no success.
 * @param what method and path, for answers that say nothing themselves
 */
export function apiErrorOf(what: string, response: Response, text: string): ApiError {
  const { status, headers } = response;
  const body = bodyOf(text);
  const { detail, error, code, details, errors } = body;
  const message = [detail, error].find((each) => typeof each === 'string') ?? `${what} answered ${status}.`;
  const Class = CLASSES[status] ?? (status >= 500 ? UnavailableError : ApiError);
  return new Class(String(message), {
    status,
    code: typeof code === 'string' ? code : 'not_everfetch',
    details: [errors, details].find(isDetails) ?? [],
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), Date.now()),
  });
}

/** The error of an answer that should be JSON and is not. */
export const notJson = (what: string, { status, headers }: Response): ApiError =>
  new ApiError(`${what} answered with something that is not JSON: is this the address of everfetch?`, {
    status,
    code: 'not_everfetch',
    details: [],
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterMs: undefined,
  });

function bodyOf(text: string): ErrorBody {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

const isDetails = (value: unknown): value is readonly ErrorDetail[] => Array.isArray(value);

/** `Retry-After` in milliseconds: it is a number of seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const delayMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.max(delayMs, 0);
}
