import { findBrowser } from '../fetch/browser/find-browser';
import { tryBrowser } from '../fetch/browser/try-browser';

export interface Rendering {
  /** `away`: a browser on another machine does not answer. `broken`: a program of this machine is no browser that works. */
  readonly state: 'works' | 'off' | 'missing' | 'away' | 'broken';
  /** Whether submissions that need a browser are accepted. */
  readonly isOffered: boolean;
  /** Line about it in the greeting. */
  readonly line: string;
}

const SAY_AFTER_MS = 5_000;

/**
 * Finds out whether pages can be rendered, by starting the browser once.
 * @param setting value of `BROWSER`
 * @param say shows a line when it takes long
 */
export async function tryRendering(setting: string, say: (line: string) => void): Promise<Rendering> {
  if (setting === 'off') return { state: 'off', isOffered: false, line: 'no: BROWSER is off' };
  const source = findBrowser(setting);
  if (source === undefined)
    return { state: 'missing', isOffered: false, line: 'no: install Chromium or Chrome, or set BROWSER' };
  const where = source.kind === 'cdp' ? withoutSecrets(source.url) : source.path;
  const timer = setTimeout(() => say(`waiting for the browser ${where} (BROWSER)`), SAY_AFTER_MS);
  const found = await tryBrowser(source).finally(() => clearTimeout(timer));
  const trouble = source.kind === 'cdp' ? found?.replaceAll(source.url, where) : found;
  if (trouble === undefined)
    return { state: 'works', isOffered: true, line: `yes, in ${where}${source.kind === 'cdp' ? '' : sandboxNote()}` };
  // A browser on another machine may come up later, but a broken program on this one stays broken.
  if (source.kind === 'cdp')
    return {
      state: 'away',
      isOffered: true,
      line: `not now: ${where} (BROWSER) cannot be used: ${trouble}; such pages wait for it`,
    };
  return {
    state: 'broken',
    isOffered: false,
    line: `no: ${where} cannot be used: ${trouble}; set BROWSER to a Chromium or Chrome that works, or to off (docs/rendering.md)`,
  };
}

/** The address without user, path and query, which may hold a password. */
function withoutSecrets(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Note that the sandbox is off: Chromium refuses to use it as root. */
const sandboxNote = (): string =>
  process.getuid?.() === 0 ? '; without its sandbox, because everfetch runs as root (docs/rendering.md)' : '';
