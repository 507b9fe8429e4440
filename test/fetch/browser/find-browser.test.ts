import { findBrowser } from '../../../src/fetch/browser/find-browser';
import type { BrowserLookups } from '../../../src/fetch/browser/find-browser';

const machine = (...programs: string[]): BrowserLookups => ({
  isExecutable: (path) => programs.includes(path),
  hasPlaywright: () => true,
  platform: 'linux',
});

test.each([
  ['auto', machine('/usr/bin/google-chrome', '/usr/bin/chromium'), { kind: 'executable', path: '/usr/bin/chromium' }],
  ['auto', machine('/snap/bin/chromium'), { kind: 'executable', path: '/snap/bin/chromium' }],
  ['auto', machine(), undefined],
  ['off', machine('/usr/bin/chromium'), undefined],
  ['/opt/my/chrome', machine('/opt/my/chrome', '/usr/bin/chromium'), { kind: 'executable', path: '/opt/my/chrome' }],
  ['/opt/my/chrome', machine('/usr/bin/chromium'), undefined],
  ['chromium', machine('chromium'), undefined],
  ['ws://127.0.0.1:9222/devtools/browser/x', machine(), { kind: 'cdp', url: 'ws://127.0.0.1:9222/devtools/browser/x' }],
  ['http://127.0.0.1:9222', machine(), { kind: 'cdp', url: 'http://127.0.0.1:9222' }],
  ['auto', { ...machine('/usr/bin/chromium'), hasPlaywright: () => false }, undefined],
  [
    'auto',
    { ...machine('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'), platform: 'darwin' as const },
    { kind: 'executable', path: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' },
  ],
])('%s is found where it is (%#)', (setting, lookups, source) => {
  expect(findBrowser(setting, lookups)).toEqual(source);
});
