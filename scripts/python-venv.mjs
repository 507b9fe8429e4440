// Python packages for tests, each set in a virtual environment of its own below `.cache`. Needs Python with venv and pip.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache');

/** Finds Python; undefined when it is missing or too old. */
function findPython([major, minor]) {
  const isEnough = `import ensurepip, venv, sys; sys.exit(0 if sys.version_info >= (${major}, ${minor}) else 1)`;
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', isEnough]).status === 0);
}

/**
 * Creates a virtual environment with pinned packages, once.
 * @param requirements every package with its version; the first one names the set
 * @returns its Python, or why it cannot be had
 */
export function pythonWith(name, requirements, minVersion = [3, 9]) {
  const home = join(cache, name);
  const python = join(home, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  const marker = join(home, `installed-${requirements[0]}`);
  if (existsSync(marker)) return { python };
  const found = findPython(minVersion);
  if (found === undefined) return { reason: `Python ${minVersion.join('.')} or newer with venv and pip is not here` };
  rmSync(home, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const options = { stdio: ['ignore', 'ignore', 'inherit'] };
  if (spawnSync(found, ['-m', 'venv', home], options).status !== 0)
    return { reason: 'a virtual environment could not be made' };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
  if (spawnSync(python, pip, options).status !== 0) return { reason: `${requirements[0]} could not be installed` };
  writeFileSync(marker, '');
  return { python };
}
