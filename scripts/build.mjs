// Compiles src/ to dist/, copies the migrations, bundles the workflows and the client, builds the dashboard. Writes into a new folder
// and swaps it in whole.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const next = join(root, '.cache', 'dist-next');
const dist = join(root, 'dist');

rmSync(next, { recursive: true, force: true });
mkdirSync(next, { recursive: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
try {
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', next], {
    cwd: root,
    stdio: 'inherit',
  });
  const migrations = join(root, 'src', 'store', 'migrations');
  if (existsSync(migrations)) cpSync(migrations, join(next, 'store', 'migrations'), { recursive: true });
  const bundle = join(next, 'temporal', 'bundle-workflows.js');
  if (existsSync(bundle)) execFileSync(process.execPath, [bundle], { cwd: root, stdio: 'inherit' });
  // What these need is installed for the whole project only.
  if (existsSync(join(root, 'src', 'client')))
    (await import('./bundle-client.mjs')).bundleClient(root, join(next, 'client'));
  if (existsSync(join(root, 'web'))) {
    const { build } = await import('vite');
    const configFile = join(root, 'web', 'vite.config.mjs');
    await build({ configFile, build: { outDir: join(next, 'public') }, logLevel: 'warn' });
  }
} catch (error) {
  if (error.status === undefined) console.error(error); // a program that was run has said it itself
  process.exit(error.status ?? 1);
}
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
