import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../telemetry/logger';

const MAX_LOGGED_PATH = 2_048;

/** Logs one event per request, a poll at `debug`, without body, query (it may hold a key) and headers. */
export function logRequests(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = process.hrtime.bigint();
    const requestId = randomUUID();
    res.setHeader('X-Request-Id', requestId);
    res.on('close', () => {
      logger[isPoll(req, res) ? 'debug' : 'info'](
        {
          request_id: requestId,
          method: req.method,
          path: requestPath(req).slice(0, MAX_LOGGED_PATH),
          status: res.statusCode,
          is_complete: res.writableFinished,
          key_name: res.locals['keyName'] as unknown,
          duration_ms: Number(process.hrtime.bigint() - startedAt) / 1e6,
        },
        'request',
      );
    });
    next();
  };
}

/** Paths that monitors and clients poll. A poll with bad news is logged like any other request. */
const POLLED = /^\/(healthz|readyz|overview|jobs\/[^/]+|batches\/[^/]+)\/?$/;

const isPoll = (req: Request, res: Response): boolean =>
  ['GET', 'HEAD'].includes(req.method) && res.statusCode < 400 && res.writableFinished && POLLED.test(requestPath(req));

/**
 * The path as it was sent, without the query. `req.path` cannot be used, because it throws when the target is an absolute URL that
 * cannot be parsed.
 */
export const requestPath = (req: IncomingMessage & { readonly originalUrl?: string }): string =>
  (req.originalUrl ?? req.url ?? '').replace(/[?#].*$/s, '');
