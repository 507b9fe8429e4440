import type { Request } from 'express';

/**
 * Headers of a request that are not for the target: those of the connection (RFC 9110 §7.6.1), those that proxies before us add, our
 * own, and those that an attempt sets itself.
 */
const NOT_FORWARDED =
  /^(accept-encoding|connection|content-length|expect|forwarded|host|idempotency-key|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-api-key|x-forwarded-.*|x-real-ip|x-request-id|x-sapi-.*)$/;

/**
 * The headers of a request to send on to the target. `Authorization` is the target's unless it holds the API key.
 */
export function forwardedHeaders(req: Request): Record<string, string> {
  const hasKey = [req.query['api_key'], req.query['apiKey'], req.get('x-api-key')].some((key) => Boolean(key));
  return Object.fromEntries(
    Object.entries(req.headers).flatMap(([name, value]) =>
      value === undefined || NOT_FORWARDED.test(name) || (name === 'authorization' && !hasKey)
        ? []
        : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
