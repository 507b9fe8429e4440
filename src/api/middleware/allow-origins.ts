import cors from 'cors';
import type { RequestHandler } from 'express';

/** Headers that scripts may read, beside the safelisted ones (Fetch Standard, "CORS-safelisted response-header name"). */
const EXPOSED = [
  ...[
    'X-Batch-Id',
    'X-Batch-Unfinished',
    'Retry-After',
    'ETag',
    'Location',
    'Link',
    'Idempotency-Replayed',
    'X-Ignored-Parameters',
  ],
  'X-Request-Id',
  'X-Job-Id',
  ...['RateLimit', 'RateLimit-Policy', 'sa-final-url', 'sa-statuscode', 'sa-credit-cost', 'sa-screenshot'],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** How long a browser may cache a preflight. Chromium does not cache one longer than this. */
const MAX_AGE_SEC = 7_200;

/**
 * Lets scripts of these origins call the API. Credentials are not allowed, because the API key is never a cookie. Error answers
 * carry the CORS headers as well, because without them a script sees only that its request has failed.
 * @param origins as browsers send them, or `*` for all; when empty, no CORS headers are sent
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  if (origins.length === 0) return (_req, _res, next) => next();
  const answer = cors({
    // With a list, `cors` compares the origin of the request and adds `Vary: Origin`.
    origin: origins.includes('*') ? '*' : [...origins],
    methods: METHODS,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SEC,
  });
  return (req, res, next) => {
    const isPreflight = req.headers.origin !== undefined && 'access-control-request-method' in req.headers;
    // OPTIONS requests that are no preflights belong to the routes.
    if (req.method === 'OPTIONS' && !isPreflight) return next();
    return answer(req, res, next);
  };
}
