import cors from 'cors';
import type { RequestHandler } from 'express';

/** Headers of answers that scripts may read beside those of every answer (Fetch Standard, "CORS-safelisted response-header name"). */
const EXPOSED = [
  ...['X-Batch-Id', 'Retry-After', 'ETag', 'Location', 'Link', 'Idempotency-Replayed', 'X-Ignored-Parameters'],
  'X-Request-Id',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** How long a browser may remember a preflight: the longest that Chromium does. */
const MAX_AGE_SEC = 7_200;

/**
 * Lets scripts of these origins call the API. The key is a header or a field, never a cookie, so credentials are not allowed.
 * Every answer carries the headers, errors too: without them a script sees nothing but that its request has failed.
 * @param origins as browsers send them, or `*` for all; without any the API is for programs, and nothing is said
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  if (origins.length === 0) return (_req, _res, next) => next();
  const answer = cors({
    // A list is compared with the request and answered with `Vary: Origin`.
    origin: origins.includes('*') ? '*' : [...origins],
    methods: METHODS,
    exposedHeaders: EXPOSED,
    maxAge: MAX_AGE_SEC,
  });
  return (req, res, next) => {
    const isPreflight = req.headers.origin !== undefined && 'access-control-request-method' in req.headers;
    // Other OPTIONS requests are asked of the route.
    if (req.method === 'OPTIONS' && !isPreflight) return next();
    return answer(req, res, next);
  };
}
