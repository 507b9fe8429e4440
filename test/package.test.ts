import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly bin: { readonly everfetch: string };
  readonly files: readonly string[];
};

test('the program that the package installs can be run by its name', () => {
  const source = manifest.bin.everfetch.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
  expect(readFileSync(join(root, source), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('the package holds what the service reads at run time', () => {
  expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'docs/openapi.json']));
  const made = ['dist']; // by the build
  expect(manifest.files.filter((name) => !made.includes(name) && !existsSync(join(root, name)))).toEqual([]);
});
