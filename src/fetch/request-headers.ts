import type { FetchRequest } from '../jobs/fetch-outcome';
import { isDecodable } from '../http/codings/coding-steps';
import type { HeaderProfileName } from './engines/engine';
import { CLEAR_CODINGS, headerProfileOf } from './header-profiles';
import type { HeaderProfile } from './header-profiles';
import { headerValue } from '../http/header-value';
import type { HeaderPair } from '../http/header-value';
import type { HopRequest } from './next-request';

/**
 * Caller headers that never go out. They belong to the connection and not to the page (RFC 9110 §7.6.1), would contradict the message that
 * is sent (`content-length`), or would aim it at another host than the one that was checked (`host`).
 */
const NOT_FOR_CALLERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A token, as in RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// CR and LF would let the caller begin another header or request; undici throws at them.
// eslint-disable-next-line no-control-regex
const FORBIDDEN_IN_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** The caller's headers that may be sent: all with `keepHeaders`, else only those that describe the body. */
export function callerHeaders({ headers, keepHeaders, body }: FetchRequest): readonly HeaderPair[] {
  return Object.entries(headers).flatMap(([name, value]): HeaderPair[] => {
    const lower = name.toLowerCase();
    if (NOT_FOR_CALLERS.has(lower) || lower.startsWith('proxy-') || !TOKEN.test(name)) return [];
    if (FORBIDDEN_IN_VALUE.test(value)) return [];
    if (lower === 'content-type') return body === undefined && !keepHeaders ? [] : [[name, toByteText(value)]];
    // A page in a coding that cannot be undone would be fetched again and again until the job's time is over.
    if (lower === 'accept-encoding' && !value.split(',').every((item) => isDecodable(item.split(';')[0] ?? '')))
      return [];
    return keepHeaders ? [[name, toByteText(value)]] : [];
  });
}

/** Cache for requests without headers of the caller's, as most are. */
const plainHeaders = new Map<string, readonly string[]>();

/**
 * All headers of one hop, in the order in which they are sent: the caller's, then ours where the caller has none, then credentials and
 * cookies for this host. Names and values alternate.
 */
export function headersOf(
  hop: HopRequest,
  deviceType: FetchRequest['deviceType'],
  cookie: string | undefined,
  profileName: HeaderProfileName = 'chrome',
): readonly string[] {
  const profile = headerProfileOf(profileName, deviceType);
  if (hop.callerHeaders.length > 0 || hop.authorization !== undefined || cookie !== undefined)
    return pairsOf(hop, profile, cookie).flat();
  const key = `${isTrustworthy(hop.url) ? 'trustworthy' : 'clear'} ${deviceType} ${profileName}`;
  const known = plainHeaders.get(key);
  if (known !== undefined) return known;
  const headers = pairsOf(hop, profile, cookie).flat();
  plainHeaders.set(key, headers);
  return headers;
}

function pairsOf(
  { url, callerHeaders: callers, authorization }: HopRequest,
  profile: HeaderProfile,
  setCookies: string | undefined,
): readonly HeaderPair[] {
  const isSent = (name: string) => headerValue(callers, name) !== undefined;
  const ours = profile.headers.flatMap(([name, value]): HeaderPair[] => {
    if (isSent(name)) return [];
    // No browser sends another user agent with Chrome's client hints, and browsers send `sec-` headers to trustworthy origins only.
    if (/^sec-ch-/i.test(name) && isSent('user-agent')) return [];
    if (isTrustworthy(url)) return [[name, value]];
    return /^sec-/i.test(name) ? [] : [[name, name === 'Accept-Encoding' ? CLEAR_CODINGS : value]];
  });
  const cookie = joinCookies(headerValue(callers, 'cookie'), setCookies);
  const before = ours.findIndex(([name]) => name === profile.hostHeadersBefore);
  const at = before < 0 ? ours.length : before;
  return [
    ...callers.filter(([name]) => name.toLowerCase() !== 'cookie'),
    ...ours.slice(0, at),
    ...(authorization !== undefined && !isSent('authorization') ? [['Authorization', authorization] as const] : []),
    ...(cookie !== undefined ? [['Cookie', cookie] as const] : []),
    ...ours.slice(at),
  ];
}

/** Cookies set on the way replace the caller's of the same name. */
function joinCookies(callers: string | undefined, jars: string | undefined): string | undefined {
  if (callers === undefined || jars === undefined) return callers ?? jars;
  const nameOf = (pair: string) => pair.split('=', 1)[0]?.trim();
  const set = new Set(jars.split(';').map(nameOf));
  return [...callers.split(';').filter((pair) => !set.has(nameOf(pair))), jars].map((part) => part.trim()).join('; ');
}

/** Whether an origin is trustworthy (W3C Secure Contexts §3.1), as far as Chrome's headers depend on it. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Writes a value as bytes: text that ISO-8859-1 cannot express goes out as UTF-8. */
function toByteText(value: string): string {
  const trimmed = value.trim();
  return /[^\u0000-\u00ff]/.test(trimmed) ? Buffer.from(trimmed, 'utf8').toString('latin1') : trimmed; // eslint-disable-line no-control-regex
}
