import { isAbsolute } from 'node:path';
import { isProgram } from '../../embedded/is-program';
import type { BrowserSource } from './browser-engine';

export interface BrowserLookups {
  readonly isExecutable: (path: string) => boolean;
  readonly hasPlaywright: () => boolean;
  readonly platform: NodeJS.Platform;
}

const MAC_BINARIES = ['Google Chrome', 'Chromium', 'Microsoft Edge'] as const;

/** Paths where packages install a browser of the Chromium family, in the order of preference. */
const PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/opt/google/chrome/chrome',
    '/usr/local/bin/chromium',
    '/usr/bin/microsoft-edge-stable',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: MAC_BINARIES.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/**
 * Resolves the setting `BROWSER` into a browser that can be started or joined.
 * @param setting `auto`, `off`, the absolute path of a program, or the address of a running browser (`ws://…`, `http://…`: CDP)
 * @returns undefined for `off`, when nothing is found there, and when the optional package playwright-core is not installed
 */
export function findBrowser(setting: string, lookups: Partial<BrowserLookups> = {}): BrowserSource | undefined {
  const { isExecutable = isProgram, hasPlaywright = isPlaywrightInstalled, platform = process.platform } = lookups;
  if (setting === 'off' || !hasPlaywright()) return undefined;
  if (/^(ws|http)s?:\/\//.test(setting)) return { kind: 'cdp', url: setting };
  const places = setting === 'auto' ? (PLACES[platform] ?? []) : [setting].filter((path) => isAbsolute(path));
  const path = places.find((place) => isExecutable(place));
  return path === undefined ? undefined : { kind: 'executable', path };
}

function isPlaywrightInstalled(): boolean {
  try {
    require.resolve('playwright-core');
    return true;
  } catch {
    return false;
  }
}
