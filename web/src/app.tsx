import { useEffect, useRef } from 'preact/hooks';
import { useStore } from './data/store';
import { Layout } from './parts/layout';
import { useLocation } from './routing/use-location';
import { InstallationProvider } from './session/installation';
import { session } from './session/session';
import { SessionContext } from './session/use-client';
import { viewAt } from './views/view-at';
import { SignIn } from './views/sign-in';

/** The dashboard: the form to sign in, or the view that the address names. */
export function App() {
  const current = useStore(session);
  if (current === undefined) return <SignIn />;
  return (
    <SessionContext.Provider value={current}>
      <InstallationProvider>
        <Layout>
          <CurrentView />
        </Layout>
      </InstallationProvider>
    </SessionContext.Provider>
  );
}

function CurrentView() {
  const { path } = useLocation();
  const place = path.join('/');
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    window.scrollTo(0, 0);
    // Readers of screens say where they are now, and the next tab key starts there.
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [place]);
  return <div key={place}>{viewAt(path)}</div>;
}
