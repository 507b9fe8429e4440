import type { BrowserContext, Cookie } from 'playwright-core';
import { headerValue } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import type { BrowserCookie, RenderOrder } from './browser-engine';

/** Adds the cookies of the session, and those of the caller's `cookie` header for the first URL. */
export async function addCookies(context: BrowserContext, { cookies, headers, url }: RenderOrder): Promise<void> {
  const all = [...cookies, ...callerCookies(headers).map((cookie) => ({ ...cookie, url: url.origin }))];
  if (all.length === 0) return;
  try {
    await context.addCookies(all);
  } catch {
    // One invalid cookie makes the browser reject all of them, so each is added alone.
    for (const cookie of all) await context.addCookies([cookie]).catch(() => undefined);
  }
}

/** Cookies in the caller's own `cookie` header. */
export function callerCookies(headers: readonly HeaderPair[]): readonly Pick<BrowserCookie, 'name' | 'value'>[] {
  return (headerValue(headers, 'cookie') ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    return name === '' ? [] : [{ name, value: pair.slice(equals + 1).trim() }];
  });
}

export function cookiesOf(cookies: readonly Cookie[]): readonly BrowserCookie[] {
  return cookies.map(({ name, value, domain, path, expires, httpOnly, secure, sameSite }) => ({
    ...{ name, value, domain, path, expires, httpOnly, secure, sameSite },
  }));
}
