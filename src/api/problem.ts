import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { errorCodes } from '../jobs/error-codes';
import type { ErrorCode, ProblemDetail } from '../jobs/error-codes';
import type { Logger } from '../telemetry/logger';
import { requestPath } from './middleware/log-requests';

export interface ProblemOptions extends ErrorOptions {
  readonly details?: readonly ProblemDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Additional members of the answer, such as `expiredAt`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Thrown when a client's request is wrong, or cannot be served now. {@link problemHandler} turns it into an answer. */
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

const MAX_SHOWN_PATH = 200;
const RETRY_AFTER_SEC = '5';

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const { name, status } = (error ?? {}) as { readonly name?: unknown; readonly status?: unknown };
  if (name === 'StoreUnavailableError') {
    return new ProblemError('store_unavailable', 'Nothing can be read or stored right now; try again.', {
      headers: { 'Retry-After': RETRY_AFTER_SEC },
      cause: error,
    });
  }
  if (name === 'PageDamagedError')
    return new ProblemError('page_damaged', 'The stored page is damaged, and is not given out.', { cause: error });
  // The router throws these for a path that cannot be decoded.
  if (name === 'URIError' || status === 400)
    return new ProblemError('invalid_request', 'The path is not a valid URL path.');
  return new ProblemError('internal_error', 'Something went wrong here. It has been logged under the request id.', {
    cause: error,
  });
}

/** Whether a route is ScraperAPI's and answers `{error, code, details}`; all others answer as in RFC 9457. */
function isCompatible(req: Request): boolean {
  const path = requestPath(req);
  if (path === '/') return req.query['url'] !== undefined;
  return (
    /^\/(jobs(\/[^/]+)?|batchjobs|account(\/urlcost)?)\/?$/.test(path) &&
    !(req.method === 'GET' && /^\/jobs\/?$/.test(path))
  );
}

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

/** Turns every error into JSON. A bug is logged, and its message is not sent. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  // Express recognizes an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    const problem = toProblem(error);
    if (problem.code === 'internal_error')
      logger.error({ err: problem.cause, request_id: res.getHeader('X-Request-Id') }, 'request failed');
    // Half an answer cannot become a problem any more; the broken connection tells the client.
    if (res.headersSent) return void res.destroy();
    send(problem, req, res);
  };
}

/** Answers unknown paths. ScraperAPI clients with a wrong path look for `error`, so it is added to the fields of RFC 9457. */
export const notFoundHandler: RequestHandler = (req) => {
  const message = `There is no ${req.method} ${requestPath(req).slice(0, MAX_SHOWN_PATH)} here.`;
  throw new ProblemError('not_found', message, { members: { error: message } });
};
