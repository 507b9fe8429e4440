import { findBrowser } from '../fetch/browser/find-browser';
import { tryBrowser } from '../fetch/browser/try-browser';

export interface Rendering {
  /** False: no page is to be promised to a browser. */
  readonly isOffered: boolean;
  /** What the start says of it. */
  readonly line: string;
}

const SAY_AFTER_MS = 5_000;

/**
 * Finds out whether pages can be rendered, by starting the browser once.
 * @param setting of `BROWSER`
 * @param say shows a line when it takes long
 */
export async function tryRendering(setting: string, say: (line: string) => void): Promise<Rendering> {
  if (setting === 'off') return { isOffered: false, line: 'no: BROWSER is off' };
  const source = findBrowser(setting);
  if (source === undefined) return { isOffered: false, line: 'no: install Chromium or Chrome, or set BROWSER' };
  const where = source.kind === 'cdp' ? withoutSecrets(source.url) : source.path;
  const timer = setTimeout(() => say(`waiting for the browser ${where} (BROWSER)`), SAY_AFTER_MS);
  const found = await tryBrowser(source).finally(() => clearTimeout(timer));
  const trouble = source.kind === 'cdp' ? found?.replaceAll(source.url, where) : found;
  if (trouble === undefined)
    return { isOffered: true, line: `yes, in ${where}${source.kind === 'cdp' ? '' : sandboxNote()}` };
  // A browser that runs elsewhere may come up later; a program on this machine does not mend itself.
  if (source.kind === 'cdp')
    return { isOffered: true, line: `not now: ${where} (BROWSER) cannot be used: ${trouble}; such pages wait for it` };
  return {
    isOffered: false,
    line: `no: ${where} cannot be used: ${trouble}; set BROWSER to a Chromium or Chrome that works, or to off (docs/rendering.md)`,
  };
}

/** The address without what may be a password: user, path and query. */
function withoutSecrets(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Chromium refuses to use its sandbox as root. */
const sandboxNote = (): string =>
  process.getuid?.() === 0 ? '; without its sandbox, because everfetch runs as root (docs/rendering.md)' : '';
