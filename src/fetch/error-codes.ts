import { isCertificateCode } from '../net/tls/certificate-codes';
import type { ProxyErrorCode } from './proxies/proxy';

/**
 * The stable code of each error that undici makes of network trouble (undici 7.30, lib/core/errors.js and lib/llhttp).
 * Its other UND_ERR codes mean that we used it wrongly, and are no outcome.
 */
const UNDICI_CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'CONNECT_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'ATTEMPT_TIMEOUT', // both timeouts are set to the attempt's limit
  UND_ERR_BODY_TIMEOUT: 'ATTEMPT_TIMEOUT',
  UND_ERR_HEADERS_OVERFLOW: 'HEADERS_TOO_LARGE',
  UND_ERR_SOCKET: 'CONNECTION_CLOSED', // the peer closed it before the message was complete
  UND_ERR_ABORTED: 'CONNECTION_CLOSED',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'INCOMPLETE_BODY',
  UND_ERR_INFO: 'CONNECTION_CLOSED',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'INVALID_RESPONSE',
  UND_ERR_RESPONSE: 'INVALID_RESPONSE',
  UND_ERR_DESTROYED: 'FETCHER_CLOSED',
  UND_ERR_CLOSED: 'FETCHER_CLOSED',
};

/** The codes of a `ProxyError`, and whether the proxy would have failed for every target. */
const PROXY_CODES: Readonly<Record<ProxyErrorCode, { readonly isFault: boolean }>> = {
  PROXY_UNREACHABLE: { isFault: true },
  PROXY_AUTH_FAILED: { isFault: true },
  PROXY_PROTOCOL: { isFault: true },
  PROXY_REFUSED: { isFault: false }, // it may not or cannot connect to this target; others may be fine
};

/** Codes of trouble that neither the target nor a proxy has caused. */
const OWN_TROUBLE: ReadonlySet<string> = new Set([
  'BROWSER_CRASHED',
  'BROWSER_UNAVAILABLE',
  'FETCHER_CLOSED',
  'HOST_BUSY',
  'NO_PROXY',
  'PAGE_CRASHED',
  'ROBOTS_UNREACHABLE',
]);

/** Codes of answers that `undici` could not read as HTTP/1.1. Often they are HTTP/2, or something that only browsers accept. */
const PROTOCOL_CODES: ReadonlySet<string> = new Set(['INVALID_RESPONSE', 'HEADERS_TOO_LARGE']);

/**
 * Whether an outcome's code says that the two sides did not understand each other: the TLS handshake failed, or the answer is not HTTP/1.1.
 * The same request would get the same answer, while a browser's TLS and HTTP/2 may get another one.
 */
export function isMisunderstanding(code: string): boolean {
  const isTls = code === 'EPROTO' || code === 'TLS_CLOSED' || /^ERR_(SSL|TLS)_/.test(code);
  return isTls || isCertificateCode(code) || PROTOCOL_CODES.has(code);
}

/** Whether an outcome's code is about this installation only. */
export const isOwnTrouble = (code: string): boolean => OWN_TROUBLE.has(code);

/** Whether an outcome's code is about the proxy itself, and not about the target or the network between them. */
export function isProxyFault(code: string): boolean {
  return isProxyCode(code) && PROXY_CODES[code].isFault;
}

function isProxyCode(code: string): code is ProxyErrorCode {
  return Object.hasOwn(PROXY_CODES, code);
}

/** The stable code of an error that the network caused; undefined for any other error, which is a bug. */
export function networkCodeOf(error: unknown): string | undefined {
  for (const { code, name } of chainOf(error)) {
    if (name === 'HTTPParserError') return 'INVALID_RESPONSE'; // its `code` is undefined, undici 7.30 looks it up the wrong way round
    if (typeof code !== 'string') continue;
    if (UNDICI_CODES[code] !== undefined) return UNDICI_CODES[code];
    if (isProxyCode(code)) return code;
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || isCertificateCode(code)) return code;
    if (code === 'TLS_CLOSED' || /^ERR_(SSL|TLS)_/.test(code)) return code;
    // System and resolver errors: ECONNRESET, ENOTFOUND, EAI_AGAIN, EPROTO. Node's ERR_… codes name wrong calls.
    if (/^E(?!RR_)[A-Z0-9]+(_[A-Z0-9]+)?$/.test(code)) return code;
  }
  return undefined;
}

interface ErrorShape {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  /** The socket of undici's `SocketError`. */
  readonly socket?: { readonly bytesRead?: number } | null;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/**
 * An error with all its causes, and the errors that it sums up (an `AggregateError` of several addresses tried in turn).
 * It goes by shape and not by `instanceof`, which fails for errors from another realm, such as those Node itself makes under Jest.
 */
export function chainOf(error: unknown, depth = 5): readonly ErrorShape[] {
  if (typeof error !== 'object' || error === null || depth === 0) return [];
  const shape: ErrorShape = error;
  const inner: unknown[] = Array.isArray(shape.errors) ? shape.errors : [];
  return [shape, ...chainOf(shape.cause, depth - 1), ...inner.flatMap((each) => chainOf(each, depth - 1))];
}
