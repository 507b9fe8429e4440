import type { FetchOutcome, FetchRequest } from '../jobs/fetch-outcome';
import type { AttemptClock } from './attempt-clock';
import type { BrowserEngine } from './browser/browser-engine';
import { callerCookies } from './browser/page-cookies';
import type { ByteBudget } from './byte-budget';
import { classify } from './classify';
import type { SessionCookies } from './cookie-jar';
import { PREFIX_BYTES, detectionText } from './detect/detection-text';
import type { HopRequest } from './next-request';
import type { Proxy } from './proxies/proxy';

export interface RenderPageDeps {
  readonly browser: BrowserEngine;
  readonly budget: ByteBudget;
  /** Most bytes that one page may take from the budget. */
  readonly maxBodyBytes: number;
  readonly clock: AttemptClock;
}

export interface RenderPageOptions {
  readonly request: FetchRequest;
  readonly first: HopRequest;
  readonly proxy: Proxy | undefined;
  readonly session: SessionCookies | undefined;
}

/** Makes one attempt with a browser, which follows redirects itself. The guard sees each of its connections in the egress proxy. */
export async function renderPage(options: RenderPageOptions, deps: RenderPageDeps): Promise<FetchOutcome> {
  const { request, first, proxy, session } = options;
  const { render, deviceType } = request;
  if (render === undefined) throw new Error('not to be rendered');
  const { url, method, body, callerHeaders, authorization } = first;
  const rendered = await deps.browser.render(
    {
      ...{ url, method, body, deviceType, render, proxy },
      headers: authorization === undefined ? callerHeaders : [...callerHeaders, ['authorization', authorization]],
      followRedirects: request.followRedirects,
      cookies: session?.forBrowser() ?? [],
    },
    deps.clock.signal,
    { waitForUs: (work) => deps.clock.paused(work) },
  );
  const sent = callerCookies(callerHeaders).map((cookie) => ({ ...cookie, domain: url.hostname, path: '/' }));
  session?.storeFromBrowser(rendered.cookies, sent);
  const { statusCode, statusText, headers, finalUrl, screenshot } = rendered;
  const text = detectionText(rendered.body.subarray(0, PREFIX_BYTES), statusCode, headers);
  const now = new Date();
  const verdict = classify({ statusCode, headers, text, url: finalUrl }, request, now.getTime());
  if (verdict.kind !== 'page') return verdict;
  const claim = deps.budget.open();
  const bytes = rendered.body.length + (screenshot?.length ?? 0);
  try {
    await deps.clock.paused(() => claim.reserve(Math.min(bytes, deps.maxBodyBytes), deps.clock.signal));
  } catch (error) {
    claim.release();
    throw error;
  }
  const page = { finalUrl, statusCode, statusText, headers, body: rendered.body, fetchedAt: now.toISOString() };
  const release = () => claim.release();
  return { kind: 'page', page: { ...page, ...(screenshot !== undefined && { screenshot }), release } };
}
