import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const mayImport = JSON.parse(readFileSync(join(root, 'eslint.folders.json'), 'utf8')) as Record<string, string[]>;

/** The third column of each row of the folder table. */
function documented(): Record<string, string[]> {
  const rows = page.matchAll(/^\| `src\/([a-z]+)` +\| [^|]+ \| ([^|]+?) +\|$/gm);
  return Object.fromEntries(
    [...rows]
      .filter(([, folder]) => folder !== 'bin')
      .map(([, folder = '', folders = '']) => [folder, folders === '–' ? [] : folders.replaceAll('`', '').split(', ')]),
  );
}

test('the table of folders is the one that the linter knows, and every folder is in it', () => {
  expect(documented()).toEqual(mayImport);
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...Object.keys(mayImport), 'bin'].sort());
});

test('the allowed imports make no circle of folders', () => {
  const left = new Map(
    Object.entries(mayImport).map(([folder, names]) => [folder, names.filter((name) => !name.includes('/'))]),
  );
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [folder, names] of left) if (names.every((name) => !left.has(name))) left.delete(folder);
  }
  expect([...left.keys()]).toEqual([]);
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('every file that %s names is there', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const named = [...text.matchAll(/`((?:src|test|tools|bench|scripts)\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a swept batch is followed in 30 files at most', () => {
  const section = /## The way of a swept batch\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const files = new Set([...section.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map(([, path]) => path));
  expect(files.size).toBeGreaterThan(10);
  expect(files.size).toBeLessThanOrEqual(30);
});
