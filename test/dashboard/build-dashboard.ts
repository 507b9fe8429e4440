import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '..', '..');
const PUBLIC = join(ROOT, 'dist', 'public');

const run = promisify(execFile);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const lastChangeMs = async (paths: readonly string[]): Promise<number> =>
  Math.max(0, ...(await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs))));

async function isCurrent(): Promise<boolean> {
  const built = await stat(join(PUBLIC, 'index.html')).catch(() => undefined);
  if (built === undefined) return false;
  const sources = [...(await filesBelow(join(ROOT, 'web'))), ...(await filesBelow(join(ROOT, 'src', 'client')))];
  return built.mtimeMs >= (await lastChangeMs(sources));
}

/** Builds the dashboard, unless what was built last is newer than its sources. `npm test` has built it before. */
export async function buildDashboard(): Promise<void> {
  if (await isCurrent()) return;
  const vite = join(dirname(createRequire(__filename).resolve('vite/package.json')), 'bin', 'vite.js');
  await run(process.execPath, [vite, 'build', join(ROOT, 'web'), '--logLevel', 'warn'], { cwd: ROOT });
}
