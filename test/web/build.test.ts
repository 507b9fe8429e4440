import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(__dirname, '..', '..');
const MAX_GZIPPED_BYTES = 150_000;

describe('the dashboard as it is built', () => {
  let folder: string;
  let page: string;
  let assets: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'everfetch-dashboard-'));
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    execFileSync(process.execPath, [vite, 'build', join(root, 'web'), '--outDir', folder, '--logLevel', 'warn']);
    page = readFileSync(join(folder, 'index.html'), 'utf8');
    assets = readdirSync(join(folder, 'dashboard'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has less than 150 kB when it is packed', () => {
    const sizes = assets.map((name) => gzipSync(readFileSync(join(folder, 'dashboard', name))).length);
    expect(sizes.reduce((sum, size) => sum + size, gzipSync(page).length)).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  test('is one page and assets whose names change with their content', () => {
    expect(readdirSync(folder).sort()).toEqual(['dashboard', 'index.html']);
    for (const name of assets) expect(name).toMatch(/-[\w-]{8}\.(js|css|svg)$/);
    for (const name of assets) expect(page).toContain(`/dashboard/${name}`);
  });

  test('has no inline script, no inline style, and asks nobody else for anything', () => {
    expect(page).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=/i);
    const code = assets.map((name) => readFileSync(join(folder, 'dashboard', name), 'utf8')).join('\n');
    expect(code).not.toMatch(/\beval\(|new Function\(/);
    // Names of namespaces and examples in hints are all that may look like an address.
    const foreign = [
      ...`${page}\n${code}`.matchAll(/(?:src|href|url\(|import\()\s*[=(]?\s*["'`](https?:)?\/\/[^"'`]+/g),
    ];
    expect(foreign.map(([text]) => text)).toEqual([]);
  });
});
