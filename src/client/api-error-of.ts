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
import type { ApiErrorFields, ErrorDetail } from './errors';

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
  const { status } = response;
  const { detail, error, code, details, errors } = bodyOf(text);
  const message = [detail, error].find((each) => typeof each === 'string') ?? `${what} answered ${status}.`;
  const Class = CLASSES[status] ?? (status >= 500 ? UnavailableError : ApiError);
  return new Class(String(message), {
    ...fieldsOf(response),
    ...(typeof code === 'string' && { code }),
    details: [errors, details].find(isDetails) ?? [],
  });
}

/** The error of an answer that everfetch does not give. */
export const strangeAnswer = (message: string, response: Response): ApiError =>
  new ApiError(message, fieldsOf(response));

const fieldsOf = ({ status, headers }: Response): ApiErrorFields => ({
  status,
  code: 'not_everfetch',
  details: [],
  requestId: headers.get('x-request-id') ?? undefined,
  retryAfterMs: retryAfterMs(headers.get('retry-after')),
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
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const delayMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(delayMs) ? undefined : Math.max(delayMs, 0);
}
