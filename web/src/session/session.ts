import { Everfetch } from '../api/client';
import { isKeyRefused } from '../api/errors';
import { createStore } from '../data/store';

/** Who is signed in. The key stays in memory, or in the storage of this browser tab if that was asked for. */
export interface Session {
  readonly apiKey: string;
  readonly client: Everfetch;
}

const STORAGE_NAME = 'everfetch-api-key';

/** Address that the dashboard was served from, without query and hash. */
export const serviceUrl = (): string => new URL('.', window.location.href).href.replace(/\/$/, '');

export const clientFor = (apiKey: string): Everfetch => new Everfetch({ url: serviceUrl(), apiKey, maxRetries: 0 });

function storage(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined; // a browser that refuses storage; the key then lasts until the page is loaded again
  }
}

function restored(): Session | undefined {
  const apiKey = storage()?.getItem(STORAGE_NAME) ?? undefined;
  return apiKey === undefined ? undefined : { apiKey, client: clientFor(apiKey) };
}

export const session = createStore<Session | undefined>(restored());

/** Why somebody who was signed in is not any more. The form shows it. */
export const signedOutBecause = createStore<string | undefined>(undefined);

/**
 * Signs in with an API key, after the service has accepted it.
 * @throws {AuthenticationError} when the key is not known; {ConnectionError} when the service does not answer
 */
export async function signIn(
  apiKey: string,
  { isRemembered, signal }: { readonly isRemembered: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  const client = clientFor(apiKey);
  await client.account(signal === undefined ? {} : { signal });
  if (isRemembered) storage()?.setItem(STORAGE_NAME, apiKey);
  signedOutBecause.set(undefined);
  session.set({ apiKey, client });
}

export function signOut(because?: string): void {
  storage()?.removeItem(STORAGE_NAME);
  signedOutBecause.set(because);
  session.set(undefined);
}

/** Signs out when the service does not know the key any more, because nothing works without. */
export function signOutIfRefused(error: unknown): void {
  if (isKeyRefused(error) && session.get() !== undefined)
    signOut('The service does not accept this API key any more. It may have been revoked.');
}
