/** Reasons why a page could not be rendered. Codes of `networkErrorOf`, such as ECONNREFUSED, are possible as well. */
export type RenderErrorCode =
  /** The browser could not be started or reached. */
  | 'BROWSER_UNAVAILABLE'
  | 'BROWSER_CRASHED'
  | 'PAGE_CRASHED'
  | 'FETCHER_CLOSED'
  | 'ATTEMPT_TIMEOUT'
  /** The answer is neither HTML nor a file that could be taken. */
  | 'NOT_A_DOCUMENT'
  | 'SELECTOR_NOT_FOUND'
  | 'SELECTOR_INVALID'
  | 'INSTRUCTION_FAILED'
  | 'TOO_MANY_REDIRECTS'
  | 'TOO_MANY_POPUPS'
  | 'SCREENSHOT_TOO_LARGE';

/** The browser did not deliver the page. Another attempt may succeed. */
export class RenderError extends Error {
  readonly code: string;

  /** @param what message without secrets, because it may be logged and stored */
  constructor(code: RenderErrorCode | (string & {}), what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'RenderError';
    this.code = code;
  }
}

/**
 * Chromium's error names (net/base/net_error_list.h), and the codes that the other engines have for the same errors.
 */
const CODES: Readonly<Record<string, string>> = {
  ERR_ADDRESS_UNREACHABLE: 'EHOSTUNREACH',
  ERR_CERT_AUTHORITY_INVALID: 'CERT_UNTRUSTED',
  ERR_CERT_COMMON_NAME_INVALID: 'ERR_TLS_CERT_ALTNAME_INVALID',
  ERR_CERT_DATE_INVALID: 'CERT_HAS_EXPIRED',
  ERR_CERT_REVOKED: 'CERT_REVOKED',
  ERR_CONNECTION_ABORTED: 'ECONNABORTED',
  ERR_CONNECTION_CLOSED: 'CONNECTION_CLOSED',
  ERR_CONNECTION_REFUSED: 'ECONNREFUSED',
  ERR_CONNECTION_RESET: 'ECONNRESET',
  ERR_CONNECTION_TIMED_OUT: 'CONNECT_TIMEOUT',
  ERR_CONTENT_DECODING_FAILED: 'BAD_CONTENT_ENCODING',
  ERR_CONTENT_DECODING_INIT_FAILED: 'BAD_CONTENT_ENCODING',
  ERR_CONTENT_LENGTH_MISMATCH: 'INCOMPLETE_BODY',
  ERR_EMPTY_RESPONSE: 'CONNECTION_CLOSED',
  ERR_INCOMPLETE_CHUNKED_ENCODING: 'INCOMPLETE_BODY',
  ERR_INVALID_CHUNKED_ENCODING: 'INVALID_RESPONSE',
  ERR_INVALID_HTTP_RESPONSE: 'INVALID_RESPONSE',
  ERR_INVALID_REDIRECT: 'INVALID_RESPONSE',
  ERR_INVALID_RESPONSE: 'INVALID_RESPONSE',
  ERR_NAME_NOT_RESOLVED: 'ENOTFOUND',
  ERR_NETWORK_CHANGED: 'ENETDOWN',
  ERR_RESPONSE_HEADERS_TOO_BIG: 'HEADERS_TOO_LARGE',
  ERR_TIMED_OUT: 'ETIMEDOUT',
  ERR_TOO_MANY_REDIRECTS: 'TOO_MANY_REDIRECTS',
  ERR_UNSAFE_PORT: 'UNSAFE_PORT',
};

/** Errors about which the egress proxy knows more than the browser. */
const OF_PROXY = new Set(['ERR_PROXY_CONNECTION_FAILED', 'ERR_TUNNEL_CONNECTION_FAILED']);

/** Error for an answer of 4xx or 5xx without a body. */
export const NO_BODY = 'ERR_HTTP_RESPONSE_CODE_FAILURE';

export interface NetError {
  /** Chromium's name, `ERR_…`. */
  readonly name: string;
  readonly isOfProxy: boolean;
}

/** Finds a network error in a text of Chromium or Playwright; undefined when there is none. */
export function netErrorIn(text: string): NetError | undefined {
  const [, name] = /net::(ERR_[A-Z0-9_]+)/.exec(text) ?? [];
  return name === undefined ? undefined : { name, isOfProxy: OF_PROXY.has(name) };
}

/** Tells whether a body broke off, as opposed to a page that was left or does not exist. */
export const isCutOff = ({ name }: NetError): boolean => CUT_OFF.has(name);

const CUT_OFF = new Set([
  'ERR_CONNECTION_ABORTED',
  'ERR_CONNECTION_CLOSED',
  'ERR_CONNECTION_RESET',
  'ERR_CONTENT_DECODING_FAILED',
  'ERR_CONTENT_DECODING_INIT_FAILED',
  'ERR_CONTENT_LENGTH_MISMATCH',
  'ERR_HTTP2_PROTOCOL_ERROR',
  'ERR_INCOMPLETE_CHUNKED_ENCODING',
  'ERR_INCOMPLETE_HTTP2_HEADERS',
  'ERR_INVALID_CHUNKED_ENCODING',
  'ERR_SSL_PROTOCOL_ERROR',
  'ERR_TIMED_OUT',
]);

export function networkErrorOf({ name }: NetError): RenderError {
  return new RenderError(codeOf(name), `the browser says net::${name}`);
}

function codeOf(name: string): string {
  const known = CODES[name];
  if (known !== undefined) return known;
  if (name.startsWith('ERR_CERT_')) return 'CERT_REJECTED';
  if (/^ERR_(SSL|ECH|HTTP2|QUIC)_/.test(name)) return 'EPROTO';
  if (OF_PROXY.has(name)) return 'PROXY_UNREACHABLE';
  return 'NAVIGATION_FAILED';
}
