import { configFilePath, readSavedLogin } from './config-file';
import type { Env } from './config-file';
import { usageError } from './cli-error';

/** Where a service listens unless its PORT says something else. */
const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

export interface GivenConnection {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

const set = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/**
 * Chooses address and key: the options, then the environment, then what `everfetch login` has saved. A saved key goes only to the
 * address that it was saved with.
 */
export function connectionOf({ url, key }: GivenConnection, env: Env): Connection {
  const named = url ?? set(env['EVERFETCH_URL']);
  const namedKey = key ?? set(env['EVERFETCH_API_KEY']);
  const isSavedNeeded = named === undefined || namedKey === undefined;
  const saved = isSavedNeeded ? readSavedLogin(configFilePath(env)) : undefined;
  const chosen = serviceUrl(named ?? saved?.url ?? DEFAULT_URL);
  return { url: chosen, apiKey: namedKey ?? (saved?.url === chosen ? saved.apiKey : undefined) };
}

/** @throws CliError when the text is not the address of a service */
export function serviceUrl(text: string): string {
  try {
    const { protocol, username, search, hash, href } = new URL(text);
    if (/^https?:$/.test(protocol) && username === '' && search === '' && hash === '') return href.replace(/\/+$/, '');
  } catch {
    // Said below, as for every other address that cannot be one.
  }
  throw usageError(`the address of the service must be like http://127.0.0.1:8080, not ${JSON.stringify(text)}`);
}
