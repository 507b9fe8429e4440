import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useInstallation } from '../session/installation';
import { signOut } from '../session/session';
import { hrefOf } from '../routing/location';
import { useLocation } from '../routing/use-location';
import { Button, LinkButton } from './button';
import { Icon } from './icon';
import type { IconName } from './icon';
import { ConnectionBanner } from './connection-banner';
import { ThemeSwitch } from './theme-switch';
import { Toasts } from './toast';

interface Place {
  readonly path: readonly string[];
  readonly text: string;
  readonly icon: IconName;
  readonly isForAdmins?: boolean;
}

const places: readonly Place[] = [
  { path: [], text: 'Overview', icon: 'overview' },
  { path: ['batches'], text: 'Batches', icon: 'batches' },
  { path: ['jobs'], text: 'Jobs', icon: 'file' },
  { path: ['deliveries'], text: 'Deliveries', icon: 'deliveries' },
  { path: ['receivers'], text: 'Receivers', icon: 'receivers' },
  { path: ['hosts'], text: 'Hosts', icon: 'host' },
  { path: ['usage'], text: 'Usage', icon: 'usage' },
  { path: ['keys'], text: 'Keys', icon: 'keys', isForAdmins: true },
];

/** What is around every view: navigation, banner, toasts. */
export function Layout({ children }: { readonly children: ComponentChildren }) {
  const location = useLocation();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const here = location.path.join('/');
  useEffect(() => setIsMenuOpen(false), [here]);
  return (
    <div class="layout">
      <header class="side">
        <a class="skip-link" href={`${hrefOf(location.path, location.query)}`} onClick={skipToContent}>
          Skip to content
        </a>
        <div class="side-head">
          <a class="brand" href="#/">
            <Brand />
          </a>
          <button
            type="button"
            class="button quiet icon-only menu-button"
            aria-expanded={isMenuOpen}
            aria-controls="navigation"
            onClick={() => setIsMenuOpen(!isMenuOpen)}
          >
            <Icon name={isMenuOpen ? 'close' : 'menu'} />
            <span class="visually-hidden">Menu</span>
          </button>
        </div>
        <div class={`side-body${isMenuOpen ? ' open' : ''}`} id="navigation">
          <LinkButton href="#/submit" kind="primary" icon="submit">
            Submit URLs
          </LinkButton>
          <Navigation current={location.path[0] ?? ''} />
          <SideFoot />
        </div>
      </header>
      <main id="content">
        <ConnectionBanner />
        {children}
      </main>
      <Toasts />
    </div>
  );
}

const skipToContent = (event: Event): void => {
  event.preventDefault();
  document.querySelector<HTMLElement>('main h1')?.focus();
};

const Navigation = ({ current }: { readonly current: string }) => {
  const { isAdmin } = useInstallation();
  return (
    <nav aria-label="Main">
      <ul>
        {places
          .filter(({ isForAdmins = false }) => isAdmin || !isForAdmins)
          .map(({ path, text, icon }) => (
            <li key={text}>
              <a href={hrefOf(path)} aria-current={(path[0] ?? '') === current ? 'page' : undefined}>
                <Icon name={icon} />
                {text}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
};

function SideFoot() {
  const { version, temporalUi } = useInstallation();
  return (
    <div class="side-foot">
      {temporalUi !== undefined && (
        <a href={temporalUi.url} target="_blank" rel="noreferrer">
          <Icon name="external" />
          Temporal Web UI
        </a>
      )}
      <ThemeSwitch />
      <Button kind="quiet" icon="out" onClick={() => signOut()}>
        Sign out
      </Button>
      <p class="version">{version === undefined ? '\u00a0' : `everfetch ${version}`}</p>
    </div>
  );
}

export const Brand = () => (
  <>
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M22.6 12.2A7.6 7.6 0 1 0 23.6 16H8.6" />
      <circle cx="23.6" cy="21.6" r="2" />
    </svg>
    <span>everfetch</span>
  </>
);
