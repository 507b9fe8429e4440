import type { CDPSession } from 'playwright-core';
import { headerValue, isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { ForbiddenTargetError } from '../../net/guard';
import { parseUrl } from '../../net/parse-url';
import { FORBIDDEN_HEADER, TROUBLE_HEADER } from '../egress/refusal';
import type { HopRequest } from '../next-request';
import { RenderError } from './render-error';

/** CDP's `Fetch.requestPaused`, as far as it is used. */
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

/** What the browser is to send instead of its own GET; CDP's `Fetch.continueRequest`. */
export interface HopOverride {
  method?: string;
  /** Base64. */
  postData?: string;
  headers?: { name: string; value: string }[];
}

/** The browser has to be able to read the answer, and keeps cookies itself. */
const BROWSERS_OWN = new Set(['accept-encoding', 'cookie']);

/**
 * A hop of the caller's navigation. CDP wants all headers or none, and forgets them at each redirect.
 * @param browserHeaders what the browser would send; more are added below, by the network service
 */
export function headersOfHop(hop: HopRequest, browserHeaders: Readonly<Record<string, string>>): HopOverride {
  const callers = hop.callerHeaders.filter(([name]) => !BROWSERS_OWN.has(name.toLowerCase()));
  const hasBody = hop.body !== undefined && hop.method !== 'GET';
  if (callers.length === 0 && hop.method === 'GET') return {};
  const names = new Set(callers.map(([name]) => name.toLowerCase()));
  const isOtherAgent = names.has('user-agent');
  const kept = Object.entries(browserHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    // Another user agent with Chrome's client hints is what no browser sends.
    return lower !== 'cookie' && !names.has(lower) && !(isOtherAgent && lower.startsWith('sec-ch-'));
  });
  return {
    method: hop.method,
    headers: [...kept, ...callers].map(([name, value]) => ({ name, value })),
    ...(hasBody && { postData: Buffer.from(hop.body ?? '').toString('base64') }),
  };
}

/** What Chromium shows as it is, instead of in a viewer of its own. */
const SHOWN_TYPES = new Set(['', 'text/html', 'application/xhtml+xml']);

export function isFile(statusCode: number, headers: readonly HeaderPair[]): boolean {
  if ([204, 205, 304].includes(statusCode)) return true; // Chromium stays on the page before
  if (/^\s*attachment\b/i.test(headerValue(headers, 'content-disposition') ?? '')) return true;
  return !SHOWN_TYPES.has(shownType(headers));
}

/** Types that say nothing (MIME Sniffing Standard §7): the browser looks at the bytes instead. */
const MEANINGLESS = new Set(['*/*', 'unknown/unknown', 'application/unknown']);

/**
 * The MIME type that Chromium takes an answer for, in lower case; empty where it looks at the bytes. It reads every `Content-Type`
 * line and every item of a list, and keeps the last that is a type; a type ends at a blank as it does at a semicolon
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

/** What the egress proxy answers in the target's place. These headers never come from a target: it takes them out. */
export function refusalIn(url: string, headers: readonly HeaderPair[]): Error | undefined {
  const parsed = parseUrl(url);
  if (parsed?.protocol !== 'http:') return undefined; // in a tunnel it has no say
  const reason = headerValue(headers, FORBIDDEN_HEADER);
  if (reason !== undefined) return new ForbiddenTargetError(parsed.hostname, reason);
  const code = headerValue(headers, TROUBLE_HEADER);
  return code === undefined ? undefined : new RenderError(code, 'the target could not be reached');
}

const CHUNK_BYTES = 1024 * 1024;

/** The body of a paused answer, unpacked; undefined when it is larger than the limit. Afterwards the request can only be failed or fulfilled. */
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
