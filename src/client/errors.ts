/** One thing that is wrong with a request, and where it stands: `urls[3]`, `line 17`. */
export interface ErrorDetail {
  readonly path: string;
  readonly message: string;
}

/** Everything that the client throws by itself. An abort is thrown as the reason of its signal. */
export class EverfetchError extends Error {
  override readonly name: string = 'EverfetchError';
}

/** No answer came, or half of one. `cause` tells more. */
export class ConnectionError extends EverfetchError {
  override readonly name = 'ConnectionError';
}

/** A callback that must not be believed. */
export class WebhookError extends EverfetchError {
  override readonly name = 'WebhookError';
}

export interface ApiErrorFields {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** The service answered that it did not do what was asked. */
export class ApiError extends EverfetchError implements ApiErrorFields {
  override readonly name: string = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Stable code, see docs/errors.md; `not_everfetch` when the answer is none of everfetch. */
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  /** Finds the request in the log of the service. */
  readonly requestId: string | undefined;
  /** Pause that the service asked for (ms). */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status, code, details, requestId, retryAfterMs }: ApiErrorFields) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400, 413, 415, 422: the request is wrong; `details` names each place. */
export class InvalidRequestError extends ApiError {
  override readonly name = 'InvalidRequestError';
}

/** 401: the API key is missing, unknown or revoked. */
export class AuthenticationError extends ApiError {
  override readonly name = 'AuthenticationError';
}

/** 403: the key may not do this, or has not enough credits. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}

/** 404: there is no such thing, or it is another key's. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 409: not in the state that it is in. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

/** 410: it has been removed by retention or on request. */
export class ExpiredError extends ApiError {
  override readonly name = 'ExpiredError';
}

/** 429: a limit of the key. */
export class RateLimitError extends ApiError {
  override readonly name = 'RateLimitError';
}

/** 5xx: the service cannot do it now. */
export class UnavailableError extends ApiError {
  override readonly name = 'UnavailableError';
}
