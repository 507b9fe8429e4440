/** The address of `everfetch start`. */
const LOCAL_URL = 'http://127.0.0.1:8080';

interface WithEnvironment {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
}

/** Address and key from the environment, where there is one: browsers have none. */
export function defaults(): { readonly url: string; readonly apiKey: string | undefined } {
  const env = (globalThis as WithEnvironment).process?.env ?? {};
  return { url: env['EVERFETCH_URL'] || LOCAL_URL, apiKey: env['EVERFETCH_API_KEY'] || undefined };
}

/**
 * The address without a slash at its end.
 * @throws TypeError that does not repeat it, as it may hold a password
 */
export function checkedUrl(text: string): string {
  const url = parsed(text);
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new TypeError('url must be the http or https address of everfetch.');
  if (url.username !== '' || url.password !== '')
    throw new TypeError('url must have no user and password; give them as a header.');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * The key without white space around it, which files tend to have.
 * @throws TypeError that does not repeat it
 */
export function checkedKey(text: string | undefined): string | undefined {
  const key = text?.trim();
  if (key === undefined || key === '') return undefined;
  if (!/^[\x20-\x7e]+$/.test(key)) throw new TypeError('apiKey has characters that no key has.');
  return key;
}
