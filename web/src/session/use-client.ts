import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from './session';

/** Set by the app around everything that needs a key. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session that a view runs in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('This view is shown to nobody who is not signed in.');
  return session;
}

/** The client of the key that is signed in. */
export const useClient = (): Session['client'] => useSession().client;
