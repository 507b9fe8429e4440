import type { FetchOutcome } from '../jobs/fetch-outcome';
import { createAttemptCookies } from './cookie-jar';
import type { AttemptCookies } from './cookie-jar';
import type { Answer } from './engines/engine';
import { headerValues } from '../http/header-value';
import { isRedirectStatus, nextRequest } from './next-request';
import type { HopRequest } from './next-request';

/** The same limit as in Fetch (§4.4 HTTP-redirect fetch) and Chrome. */
export const MAX_REDIRECTS = 20;
const DISCARDED_BYTES = 64 * 1024;
const DISCARDING_MS = 1_000;

/** An answer that holds its connection and its host's slot until it is closed. */
export interface OpenAnswer {
  readonly answer: Answer;
  /** Sends the request once more, for an answer whose body a strict parser rejected. Rejects with `error` when that would not help. */
  readonly repeatLeniently: (error: unknown) => Promise<Answer>;
  readonly close: () => void;
}

export interface RedirectDeps {
  /** Throws when the guard refuses; called for every hop. */
  readonly assertUrl: (url: URL) => void;
  /** Throws when the attempt has ended meanwhile. */
  readonly throwIfOver: () => void;
  /** Sends one hop. */
  open(hop: HopRequest, cookie: string | undefined): Promise<OpenAnswer>;
  /** Cookies of a session. Without one, cookies that are set on the way are sent on the way and then forgotten. */
  readonly cookies?: AttemptCookies | undefined;
  /** Makes an outcome of the last answer. */
  readAnswer(answer: Answer, hop: HopRequest): Promise<FetchOutcome>;
}

/** Follows redirects. The HTTP client's own way is off, because guard, cookies and credentials have to be checked on every hop. */
export async function followRedirects(
  first: HopRequest,
  isFollowing: boolean,
  deps: RedirectDeps,
): Promise<FetchOutcome> {
  let trail: Trail | undefined;
  let hop = first;
  for (let hops = 0; ; hops += 1) {
    deps.assertUrl(hop.url);
    if (trail !== undefined && (hops > MAX_REDIRECTS || trail.seen.has(visitOf(hop, trail.cookies))))
      return { kind: 'too-many-redirects', hops };
    const opened = await deps.open(hop, (trail?.cookies ?? deps.cookies)?.headerFor(hop.url));
    const { answer } = opened;
    try {
      if (!isFollowing || !isRedirect(answer)) return await readLast(opened, hop, deps);
      trail ??= { cookies: deps.cookies ?? createAttemptCookies(), seen: new Set() };
      trail.seen.add(visitOf(hop, trail.cookies));
      trail.cookies.store(hop.url, headerValues(answer.headers, 'set-cookie'));
      await discard(answer);
      deps.throwIfOver();
      const next = nextRequest(hop, answer.statusCode, locationOf(answer));
      if (next === undefined) return { kind: 'refused', statusCode: answer.statusCode };
      hop = next;
    } finally {
      opened.close();
    }
  }
}

/** Without a Location there is nowhere to go, and the response itself is the result (Fetch §4.4, HTTP-redirect fetch, step 2). */
const isRedirect = (answer: Answer): boolean => isRedirectStatus(answer.statusCode) && locationOf(answer) !== undefined;

/** The first `Location` that is not empty: Chromium ignores empty ones too (HttpResponseHeaders::IsRedirect). */
const locationOf = ({ headers }: Answer): string | undefined =>
  headerValues(headers, 'location').find((value) => value !== '');

async function readLast(opened: OpenAnswer, hop: HopRequest, deps: RedirectDeps): Promise<FetchOutcome> {
  const read = (answer: Answer): Promise<FetchOutcome> => {
    deps.cookies?.store(hop.url, headerValues(answer.headers, 'set-cookie'));
    return deps.readAnswer(answer, hop);
  };
  try {
    return await read(opened.answer);
  } catch (error) {
    return read(await opened.repeatLeniently(error));
  }
}

/** State that is only needed once there is a redirect. */
interface Trail {
  readonly cookies: AttemptCookies;
  readonly seen: Set<string>;
}

/** Identifies a request for the detection of loops. A site may send a visitor back once he has a cookie, so the cookies count as well. */
function visitOf({ method, url }: HopRequest, cookies: AttemptCookies): string {
  return `${method} ${url.href.replace(/#.*$/, '')} ${cookies.fingerprint()}`;
}

/** Reads a short body, so that the connection can be used again. A body that is long or does not end is cut off. */
async function discard({ body }: Answer): Promise<void> {
  const timer = setTimeout(() => body.abandon(), DISCARDING_MS);
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DISCARDED_BYTES) body.abandon();
    return undefined;
  };
  await body.readInto(count).catch(() => undefined);
  clearTimeout(timer);
}
