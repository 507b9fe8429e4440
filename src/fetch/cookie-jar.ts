import { Cookie, CookieJar } from 'tough-cookie';
import type { SerializedCookieJar } from 'tough-cookie';
import type { BrowserCookie } from './browser/browser-engine';

export interface AttemptCookies {
  /** Takes the `Set-Cookie` values of an answer; a cookie that does not fit its URL is ignored, as in browsers. */
  store(url: URL, setCookies: readonly string[]): void;
  headerFor(url: URL): string | undefined;
  /** The whole jar as one text. The same text as before means that no new cookie came. */
  fingerprint(): string;
}

/** A cookie that was set, and the URL that set it. */
export type CookieChange = readonly [url: string, setCookie: string];

/** A cookie from the caller's own `Cookie` header. */
type SentCookie = Pick<BrowserCookie, 'name' | 'value' | 'domain' | 'path'>;

/** The cookies of a session in one attempt, which records its changes. */
export interface SessionCookies extends AttemptCookies {
  readonly changes: readonly CookieChange[];
  forBrowser(): readonly BrowserCookie[];
  /** @param sent cookies of the caller's for this one request: they are not the session's, unless the target changed them */
  storeFromBrowser(cookies: readonly BrowserCookie[], sent?: readonly SentCookie[]): void;
}

/** Far more than a browser has to keep for one site (50, RFC 6265 §6.1). A cookie beyond the limit pushes out the oldest. */
const MAX_SESSION_COOKIES = 200;
const MAX_COOKIE_BYTES = 4_096;
/** Limit of one attempt's changes, because a chain of redirects could set cookies without an end. */
const MAX_CHANGES = 500;

/** Creates the cookies of one attempt. Nothing is shared between jobs. */
export const createAttemptCookies = (): AttemptCookies => cookiesIn(new CookieJar(undefined, { looseMode: true }));

/** @param stored the result of {@link mergeCookies}; undefined for a new session */
export function createSessionCookies(stored: unknown): SessionCookies {
  const jar = jarOf(stored);
  const before = new Map(browserCookiesOf(jar).map((cookie) => [placeOf(cookie), cookie.value]));
  const changes: CookieChange[] = [];
  const cookies = cookiesIn(jar);
  const store = (url: URL, setCookies: readonly string[]) => {
    const kept = setCookies.filter((text) => text.length <= MAX_COOKIE_BYTES).slice(0, MAX_CHANGES - changes.length);
    cookies.store(url, kept);
    changes.push(...kept.map((text) => [url.href, text] as const));
  };
  return {
    ...cookies,
    changes,
    store,
    forBrowser: () => browserCookiesOf(jar),
    storeFromBrowser(fromBrowser, sent = []) {
      const sentPairs = new Map(sent.map((cookie) => [placeOf(cookie), cookie.value]));
      // A cookie with a date of expiry was set by the target, even when its value is the caller's.
      const isCallers = (cookie: BrowserCookie) =>
        cookie.expires < 0 && sentPairs.get(placeOf(cookie)) === cookie.value;
      const now = new Map(fromBrowser.map((cookie) => [placeOf(cookie), cookie.value]));
      for (const cookie of browserCookiesOf(jar))
        if (!now.has(placeOf(cookie))) store(urlOf(cookie), [setCookieOf({ ...cookie, value: '', expires: 0 })]);
      for (const cookie of fromBrowser)
        if (before.get(placeOf(cookie)) !== cookie.value && !isCallers(cookie))
          store(urlOf(cookie), [setCookieOf(cookie)]);
    },
  };
}

/** What to store of a session after an attempt: its changes on top of what is stored by then, because another attempt may have ended before. */
export function mergeCookies(stored: unknown, changes: readonly CookieChange[]): unknown {
  const jar = jarOf(stored);
  for (const [url, text] of changes) jar.setCookieSync(text, url, { ignoreError: true });
  const serialized = jar.serializeSync();
  return { ...serialized, cookies: (serialized?.cookies ?? []).slice(-MAX_SESSION_COOKIES) };
}

const jarOf = (stored: unknown): CookieJar =>
  stored === undefined || stored === null
    ? new CookieJar(undefined, { looseMode: true })
    : CookieJar.deserializeSync(stored as SerializedCookieJar); // as: `mergeCookies` made it

function cookiesIn(jar: CookieJar): AttemptCookies {
  return {
    store(url, setCookies) {
      for (const cookie of setCookies) jar.setCookieSync(cookie, url.href, { ignoreError: true });
    },
    headerFor(url) {
      const header = jar.getCookieStringSync(url.href);
      return header === '' ? undefined : header;
    },
    fingerprint() {
      const cookies = jar.serializeSync()?.cookies ?? [];
      return JSON.stringify(
        cookies.map(({ domain, path, key, value }) => [domain, path, key, value].join('\t')).sort(),
      );
    },
  };
}

const SAME_SITE: Readonly<Record<string, BrowserCookie['sameSite']>> = { strict: 'Strict', lax: 'Lax', none: 'None' };

function browserCookiesOf(jar: CookieJar): BrowserCookie[] {
  const now = Date.now();
  return (jar.serializeSync()?.cookies ?? []).flatMap((serialized): BrowserCookie[] => {
    const cookie = Cookie.fromJSON(serialized);
    if (cookie === undefined || cookie.domain === null) return [];
    const expiresMs = cookie.expiryTime() ?? Infinity;
    if (expiresMs <= now) return [];
    return [
      {
        name: cookie.key,
        value: cookie.value,
        // A leading dot is how CDP tells that subdomains get it too.
        domain: cookie.hostOnly === true ? cookie.domain : `.${cookie.domain}`,
        path: cookie.path ?? '/',
        expires: Number.isFinite(expiresMs) ? Math.floor(expiresMs / 1_000) : -1,
        httpOnly: cookie.httpOnly,
        secure: cookie.secure,
        sameSite: SAME_SITE[cookie.sameSite ?? ''] ?? 'Lax',
      },
    ];
  });
}

const placeOf = ({ domain, path, name }: Pick<BrowserCookie, 'domain' | 'path' | 'name'>): string =>
  [domain, path, name].join('\t');

const urlOf = ({ domain, path }: BrowserCookie): URL => new URL(`https://${domain.replace(/^\./, '')}${path}`);

function setCookieOf({ name, value, domain, path, expires, httpOnly, secure, sameSite }: BrowserCookie): string {
  return [
    `${name}=${value}`,
    ...(domain.startsWith('.') ? [`Domain=${domain.slice(1)}`] : []),
    `Path=${path}`,
    ...(expires >= 0 ? [`Expires=${new Date(expires * 1_000).toUTCString()}`] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite}`,
  ].join('; ');
}
