import type { CDPSession } from 'playwright-core';
import { headerValue, isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { ForbiddenTargetError } from '../../net/guard';
import { parseUrl } from '../../net/parse-url';
import { FORBIDDEN_HEADER, TROUBLE_HEADER } from '../egress/refusal';
import type { HopRequest } from '../next-request';
import { RenderError } from './render-error';

/** The fields of CDP's `Fetch.requestPaused` that are used here. */
export interface PausedRequest {
  readonly requestId: string;
  readonly networkId?: string;
  readonly frameId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly responseErrorReason?: string;
  readonly responseStatusCode?: number;
  readonly responseStatusText?: string;
  readonly responseHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** Request to send instead of the browser's own GET, for CDP's `Fetch.continueRequest`. */
export interface HopOverride {
  method?: string;
  /** Body as base64. */
  postData?: string;
  headers?: { name: string; value: string }[];
}

/** Headers that stay the browser's: it has to decode the answer, and keeps cookies itself. */
const BROWSERS_OWN = new Set(['accept-encoding', 'cookie']);

/**
 * Merges the caller's headers into a hop of the navigation. CDP wants all headers or none, and forgets them at each redirect.
 * @param browserHeaders headers that the browser would send; its network service adds more later
 */
export function headersOfHop(hop: HopRequest, browserHeaders: Readonly<Record<string, string>>): HopOverride {
  const callers = hop.callerHeaders.filter(([name]) => !BROWSERS_OWN.has(name.toLowerCase()));
  const hasBody = hop.body !== undefined && hop.method !== 'GET';
  if (callers.length === 0 && hop.method === 'GET') return {};
  const names = new Set(callers.map(([name]) => name.toLowerCase()));
  const isOtherAgent = names.has('user-agent');
  const kept = Object.entries(browserHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    // No browser sends another user agent together with Chrome's client hints.
    return lower !== 'cookie' && !names.has(lower) && !(isOtherAgent && lower.startsWith('sec-ch-'));
  });
  return {
    method: hop.method,
    headers: [...kept, ...callers].map(([name, value]) => ({ name, value })),
    ...(hasBody && { postData: Buffer.from(hop.body ?? '').toString('base64') }),
  };
}

/** Types that Chromium renders as a document, instead of in a viewer of its own. */
const SHOWN_TYPES = new Set(['', 'text/html', 'application/xhtml+xml']);

/** Tells whether the answer is a file, which Chromium would download or show in a viewer. */
export function isFile(statusCode: number, headers: readonly HeaderPair[]): boolean {
  if ([204, 205, 304].includes(statusCode)) return true; // Chromium stays on the previous page
  if (/^\s*attachment\b/i.test(headerValue(headers, 'content-disposition') ?? '')) return true;
  return !SHOWN_TYPES.has(shownType(headers));
}

/** Types without a meaning (MIME Sniffing Standard §7): the browser looks at the bytes instead. */
const MEANINGLESS = new Set(['*/*', 'unknown/unknown', 'application/unknown']);

/**
 * MIME type that Chromium assigns to an answer, in lower case; empty where it looks at the bytes. Chromium reads every `Content-Type` line
 * and every item of a list, and keeps the last valid type; a type ends at a blank or a semicolon
 * (`net::HttpUtil::ParseContentType`).
 */
function shownType(headers: readonly HeaderPair[]): string {
  let type = '';
  for (const [name, value] of headers) {
    if (!isName(name, 'content-type')) continue;
    for (const item of value.split(',')) {
      const essence = (/^[ \t]*([^ \t;(]*)/.exec(item)?.[1] ?? '').toLowerCase();
      if (/^[^/]+\/[^/]+$/.test(essence) && essence !== '*/*') type = essence;
    }
  }
  return MEANINGLESS.has(type) ? '' : type;
}

/** Error for an answer that the egress proxy gave in the target's place. A target cannot send these headers, because the proxy removes them. */
export function refusalIn(url: string, headers: readonly HeaderPair[]): Error | undefined {
  const parsed = parseUrl(url);
  if (parsed?.protocol !== 'http:') return undefined; // the egress proxy does not answer inside a tunnel
  const reason = headerValue(headers, FORBIDDEN_HEADER);
  if (reason !== undefined) return new ForbiddenTargetError(parsed.hostname, reason);
  const code = headerValue(headers, TROUBLE_HEADER);
  return code === undefined ? undefined : new RenderError(code, 'the target could not be reached');
}

const CHUNK_BYTES = 1024 * 1024;

/** Reads the body of a paused answer, unpacked; undefined when it exceeds `maxBytes`. After that, the request can only be failed or fulfilled. */
export async function readBodyStream(
  session: CDPSession,
  requestId: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const { stream: handle } = await session.send('Fetch.takeResponseBodyAsStream', { requestId });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { data, eof, base64Encoded } = await session.send('IO.read', { handle, size: CHUNK_BYTES });
    const chunk = Buffer.from(data, base64Encoded === true ? 'base64' : 'utf8');
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes || eof) break;
  }
  await session.send('IO.close', { handle });
  return bytes > maxBytes ? undefined : Buffer.concat(chunks);
}
