import type { IncomingMessage } from 'node:http';

/** As sent, without the query. `req.path` throws where the target is an absolute URL that cannot be parsed. */
export const requestPath = (req: IncomingMessage & { readonly originalUrl?: string }): string =>
  (req.originalUrl ?? req.url ?? '').replace(/[?#].*$/s, '');
