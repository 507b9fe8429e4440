import type { FetchOutcome } from '../jobs/fetch-outcome';
import { createAttemptCookies } from './cookie-jar';
import type { AttemptCookies } from './cookie-jar';
import type { Answer } from './engines/engine';
import { headerValues } from '../http/header-value';
import { isRedirectStatus, nextRequest } from './next-request';
import type { HopRequest } from './next-request';

/** As in Fetch (§4.4 HTTP-redirect fetch) and Chrome. */
export const MAX_REDIRECTS = 20;
const DISCARDED_BYTES = 64 * 1024;
const DISCARDING_MS = 1_000;

/** An answer whose connection and host's slot are kept until it is closed. */
export interface OpenAnswer {
  readonly answer: Answer;
  /** The answer to the same request once more, for one whose body a strict parser did not take. Rejects with `error` where that is no help. */
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
  /** Of a session; without them, cookies that are set on the way are sent on the way and then forgotten. */
  readonly cookies?: AttemptCookies | undefined;
  /** Makes an outcome of the answer where the redirects end. */
  readAnswer(answer: Answer, hop: HopRequest): Promise<FetchOutcome>;
}

/** The HTTP client's own redirects are off, because guard, cookies and credentials have to be looked at on every hop. */
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

/** The first one that is not empty: an empty one does not count in Chromium either (HttpResponseHeaders::IsRedirect). */
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

/** What is only needed once a redirect has come. */
interface Trail {
  readonly cookies: AttemptCookies;
  readonly seen: Set<string>;
}

/** A site may send a visitor back to where he came from once he has a cookie; without a new one the answer would be the same for ever. */
function visitOf({ method, url }: HopRequest, cookies: AttemptCookies): string {
  return `${method} ${url.href.replace(/#.*$/, '')} ${cookies.fingerprint()}`;
}

/** Reads a short body, so that the connection can be used again; one that is long or does not end is cut off. */
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
