import { parseUrl } from '../net/parse-url';
import type { HeaderPair } from '../http/header-value';
import { standardUrl } from './request-target';

/** One request of a chain of redirects, before our own headers are added. */
export interface HopRequest {
  /** URL without user name and password. */
  readonly url: URL;
  readonly method: string;
  readonly callerHeaders: readonly HeaderPair[];
  readonly body: string | undefined;
  /** The `Authorization` header made of `user:password@` in the URL. It is for this host only. */
  readonly authorization: string | undefined;
}

const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** The statuses that Fetch (§2.2.6, "redirect status") follows; 300 is a page of choices, 304 is none. */
export function isRedirectStatus(statusCode: number): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode);
}

export function firstRequest(hop: Omit<HopRequest, 'url' | 'authorization'>, url: string): HopRequest {
  const { method, callerHeaders, body } = hop;
  const parsed = standardUrl(new URL(url));
  return { url: parsed, method, callerHeaders, body, authorization: takeCredentials(parsed) };
}

/** The request that follows a redirect; undefined when its Location is missing, unparsable or not http(s). */
export function nextRequest(
  current: HopRequest,
  statusCode: number,
  location: string | undefined,
): HopRequest | undefined {
  const target = location === undefined ? undefined : locationUrl(location, current.url);
  if (!target || !/^https?:$/.test(target.protocol)) return undefined;
  const authorization = takeCredentials(target);
  const isSameHost = target.host === current.url.host && !isDowngrade(current.url, target);
  const becomesGet =
    (statusCode === 303 && current.method !== 'HEAD') ||
    ((statusCode === 301 || statusCode === 302) && current.method === 'POST');
  return {
    url: target,
    method: becomesGet ? 'GET' : current.method,
    body: becomesGet ? undefined : current.body,
    callerHeaders: current.callerHeaders.filter(([name]) => {
      const lower = name.toLowerCase();
      return !(becomesGet && lower.startsWith('content-')) && (isSameHost || !CREDENTIALS.has(lower));
    }),
    authorization: authorization ?? (isSameHost ? current.authorization : undefined),
  };
}

/** Whether a redirect leads from TLS to plain HTTP: what was sent under TLS must not go out in the clear, even to the same host. */
function isDowngrade(from: URL, to: URL): boolean {
  return from.protocol === 'https:' && to.protocol === 'http:';
}

/** Takes user name and password out of `url`. */
function takeCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = `${percentDecode(url.username)}:${percentDecode(url.password)}`;
  url.username = '';
  url.password = '';
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** A URL may hold a lone `%`, at which decodeURIComponent throws. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The URL of a `Location`. Header text is bytes: each byte that is not ASCII is percent-encoded as it came, as Chromium does
 * (HttpResponseHeaders::IsRedirect), so that a server finds its own bytes again. For UTF-8 that is what the URL Standard does itself.
 * @param location header value as ISO-8859-1 text
 */
export function locationUrl(location: string, base: URL): URL | undefined {
  const ascii = location.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  const url = parseUrl(ascii, base);
  return url && standardUrl(url);
}
