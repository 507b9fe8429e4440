import type { HopRequest } from '../next-request';

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
