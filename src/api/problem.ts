import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { errorCodes } from '../contracts/error-codes';
import type { ErrorCode, ProblemDetail } from '../contracts/error-codes';
import type { Logger } from '../telemetry/logger';

export interface ProblemOptions extends ErrorOptions {
  readonly details?: readonly ProblemDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** More members of the answer, such as `expiredAt`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** What an HTTP client did wrong, or what cannot be done for it now. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ErrorCode;
  readonly details: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ProblemOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? [];
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }
}

const RETRY_AFTER_SEC = '5';

/** What Express and its body parser report, by their own `type`; their texts may repeat what was sent, so they are not shown. */
function fromBodyParser(error: {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly limit?: unknown;
}): ProblemError | undefined {
  switch (error.type) {
    case 'entity.parse.failed':
      return new ProblemError('invalid_json', 'The request body is not valid JSON.');
    case 'entity.too.large':
      return new ProblemError('body_too_large', `The request body is larger than ${String(error.limit)} bytes.`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new ProblemError(
        'unsupported_media_type',
        'The request body must be JSON in UTF-8, plain or gzip, deflate or br encoded.',
      );
    default:
      return typeof error.status === 'number' && error.status >= 400 && error.status < 500
        ? new ProblemError('invalid_request', 'The request could not be read to its end.')
        : undefined;
  }
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof URIError) return new ProblemError('invalid_request', 'The path is not a valid URL path.');
  const { name } = error as { name?: unknown };
  if (name === 'StoreUnavailableError') {
    return new ProblemError('store_unavailable', 'Nothing can be read or stored right now; try again.', {
      headers: { 'Retry-After': RETRY_AFTER_SEC },
      cause: error,
    });
  }
  return (
    (typeof error === 'object' && error !== null ? fromBodyParser(error) : undefined) ??
    new ProblemError('internal_error', 'Something went wrong here. It has been logged under the request id.', {
      cause: error,
    })
  );
}

/** Routes of the compatible surface answer `{error, code, details}`, all others RFC 9457. */
const isCompatible = (req: Request): boolean =>
  /^\/(jobs(\/[^/]+)?|batchjobs|account(\/urlcost)?)\/?$/.test(req.path) &&
  !(req.method === 'GET' && /^\/jobs\/?$/.test(req.path));

function send(problem: ProblemError, req: Request, res: Response): void {
  const { status, title } = errorCodes[problem.code];
  res.status(status).set(problem.headers);
  const details = problem.details.length > 0 ? problem.details : undefined;
  if (isCompatible(req)) {
    res.json({ error: problem.message, code: problem.code, ...(details && { details }), ...problem.members });
    return;
  }
  const requestId = res.getHeader('X-Request-Id');
  res.type('application/problem+json').send(
    JSON.stringify({
      type: 'about:blank',
      title,
      status,
      detail: problem.message,
      code: problem.code,
      ...(details && { errors: details }),
      requestId,
      ...problem.members,
    }),
  );
}

/** The last handler: every error becomes JSON; a bug is logged and its text stays here. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error);
    if (problem.code === 'internal_error')
      logger.error({ err: problem.cause, request_id: res.getHeader('X-Request-Id') }, 'request failed');
    if (res.headersSent) return next(error);
    send(problem, req, res);
  };
}

export const notFoundHandler: RequestHandler = (req) => {
  throw new ProblemError('not_found', `There is no ${req.method} ${req.path} here.`);
};
