import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../../src/fetch/browser/find-browser';
import { tryRendering } from '../../src/service/try-rendering';

const say = (): void => undefined;
const found = findBrowser('auto');

test.each([
  ['ends at once', 'exit 1', 'it does not start as a browser (exit code 1)'],
  ['only greets', 'echo hello', 'it does not start as a browser (exit code 0)'],
  [
    'lacks a library',
    'echo "$0: error while loading shared libraries: libnss3.so: cannot open shared object file" >&2; exit 127',
    'the library libnss3.so is missing',
  ],
  ['may not use its sandbox', 'echo "FATAL: No usable sandbox!" >&2; exit 1', 'does not let it use its sandbox'],
])('a BROWSER that %s is not offered, and the start says why and what to set', async (_name, script, why) => {
  const dir = mkdtempSync(join(tmpdir(), 'everfetch browser '));
  try {
    const path = join(dir, 'chromium');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    const { isOffered, line } = await tryRendering(path, say);
    expect(isOffered).toBe(false);
    expect(line).toContain(`no: ${path} cannot be used: `);
    expect(line).toContain(why);
    expect(line).toContain('set BROWSER');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a browser elsewhere that does not answer yet is waited for, and no password of its address is shown', async () => {
  const { isOffered, line } = await tryRendering('ws://user:secret@127.0.0.1:9/?token=secret', say);
  expect(isOffered).toBe(true);
  expect(line).toMatch(/^not now: ws:\/\/127\.0\.0\.1:9 \(BROWSER\) cannot be used: .*ECONNREFUSED/);
  expect(line).not.toContain('secret');
});

test('no browser is wanted', async () => {
  expect(await tryRendering('off', say)).toEqual({ state: 'off', isOffered: false, line: 'no: BROWSER is off' });
});

(found === undefined ? test.skip : test)(
  'a browser that works is named, and that it has no sandbox as root',
  async () => {
    const { isOffered, line } = await tryRendering('auto', say);
    expect(isOffered).toBe(true);
    expect(line).toContain(`yes, in ${found?.kind === 'executable' ? found.path : ''}`);
    expect(line.includes('without its sandbox')).toBe(process.getuid?.() === 0);
  },
);
