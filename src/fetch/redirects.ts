import type { FetchOutcome } from '../contracts/fetch-outcome';
import { createAttemptCookies } from './cookie-jar';
import type { Answer } from './engines/http';
import { headerValue, headerValues } from './header-value';
import { isRedirectStatus, nextRequest } from './next-request';
import type { HopRequest } from './next-request';

/** As in Fetch (§4.4 HTTP-redirect fetch) and Chrome. */
export const MAX_REDIRECTS = 20;
const DISCARDED_BYTES = 64 * 1024;
const DISCARDING_MS = 1_000;

export interface RedirectDeps {
  /** Throws when the guard refuses; called for every hop. */
  readonly assertUrl: (url: URL) => void;
  /** Sends one hop; its connection and its host's slot are kept while `use` runs, and no longer. */
  exchange<T>(hop: HopRequest, cookie: string | undefined, use: (answer: Answer) => Promise<T>): Promise<T>;
  /** Makes an outcome of the answer where the redirects end. */
  readAnswer(answer: Answer, hop: HopRequest): Promise<FetchOutcome>;
}

/** The HTTP client's own redirects are off, because guard, cookies and credentials have to be looked at on every hop. */
export async function followRedirects(
  first: HopRequest,
  isFollowing: boolean,
  deps: RedirectDeps,
): Promise<FetchOutcome> {
  const cookies = createAttemptCookies();
  const seen = new Set<string>();
  let hop = first;
  for (let hops = 0; ; hops += 1) {
    deps.assertUrl(hop.url);
    // A site may send a visitor back to where he came from once he has a cookie; without a new one the answer would be the same for ever.
    const visit = `${hop.method} ${withoutFragment(hop.url)} ${cookies.fingerprint()}`;
    if (hops > MAX_REDIRECTS || seen.has(visit)) return { kind: 'too-many-redirects', hops };
    seen.add(visit);
    const current = hop;
    const step = await deps.exchange(current, cookies.headerFor(current.url), async (answer) => {
      if (!isFollowing || !isRedirectStatus(answer.statusCode))
        return { outcome: await deps.readAnswer(answer, current) };
      cookies.store(current.url, headerValues(answer.headers, 'set-cookie'));
      await discard(answer);
      const next = nextRequest(current, answer.statusCode, headerValue(answer.headers, 'location'));
      return next ? { next } : { outcome: { kind: 'refused', statusCode: answer.statusCode } as const };
    });
    if ('outcome' in step) return step.outcome;
    hop = step.next;
  }
}

/** Reads a short body, so that the connection can be used again; one that is long or does not end is cut off. */
async function discard({ body }: Answer): Promise<void> {
  await body.dump({ limit: DISCARDED_BYTES, signal: AbortSignal.timeout(DISCARDING_MS) }).catch(() => undefined);
}

function withoutFragment(url: URL): string {
  return url.href.replace(/#.*$/, '');
}
