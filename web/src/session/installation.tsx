import { createContext } from 'preact';
import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import type { Overview } from '../api/types';
import { useQuery } from '../data/use-query';
import { useSession } from './use-client';

/** What the dashboard has to know of the service, whatever it shows. */
export interface Installation {
  /** Absent until the service has told it. */
  readonly version?: string | undefined;
  readonly isAdmin: boolean;
  readonly temporalUi?: Overview['temporalUi'];
}

const InstallationContext = createContext<Installation>({ isAdmin: false });

export const useInstallation = (): Installation => useContext(InstallationContext);

const POLL_MS = 60_000;

/** Asks what the installation is, for everything inside. */
export function InstallationProvider({ children }: { readonly children: ComponentChildren }) {
  const { apiKey, client } = useSession();
  const { data } = useQuery(`installation ${apiKey}`, (signal) => client.overview({ signal }), { pollMs: POLL_MS });
  const installation: Installation = {
    version: data?.version,
    isAdmin: data?.isAdmin ?? false,
    ...(data?.temporalUi !== undefined && { temporalUi: data.temporalUi }),
  };
  return <InstallationContext.Provider value={installation}>{children}</InstallationContext.Provider>;
}
