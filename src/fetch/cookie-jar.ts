import { CookieJar } from 'tough-cookie';

export interface AttemptCookies {
  /** Takes the `Set-Cookie` values of an answer; a cookie that does not fit its URL is ignored, as in browsers. */
  store(url: URL, setCookies: readonly string[]): void;
  headerFor(url: URL): string | undefined;
  /** Everything in the jar as one text: the same text means that no new cookie came. */
  fingerprint(): string;
}

/** The cookies of one attempt. Nothing is shared between jobs. */
export function createAttemptCookies(): AttemptCookies {
  const jar = new CookieJar(undefined, { looseMode: true });
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
