// Runs `npm ci` such that it ends with us, says what it waits for, and finds no half-made node_modules. Built-ins only.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SetupError, runProgram } from './programs.mjs';

const SAY_EVERY_MS = 5_000;
/** Time after which a registry counts as unreachable when every attempt has failed (ms). */
const UNREACHABLE_MS = 15_000;
/** Longest silence of npm (ms), which prints nothing while it unpacks and runs install scripts. */
const SILENT_MS = 5 * 60_000;

/** Settings with which npm gives up after seconds without a network; its defaults take minutes. Settings of the user overrule them. */
const PATIENCE = {
  'fetch-timeout': 30_000,
  'fetch-retries': 2,
  'fetch-retry-mintimeout': 1_000,
  'fetch-retry-maxtimeout': 5_000,
};

/**
 * Makes `node_modules` anew from the lockfile.
 * @param stampPath file in `node_modules` that says what it was made from
 * @param signal aborted when the set-up is to stop
 */
export async function installDependencies({ root, env, say, stampPath, signal }) {
  // This file holds the pid of npm while it runs. It stays when npm was killed, and then node_modules is incomplete.
  const markPath = join(root, '.cache', 'npm-ci.pid');
  if (await wasCutOff(markPath, { root, say })) {
    say('node_modules was not made to the end: it is made again');
    await rm(join(root, 'node_modules'), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  await rm(stampPath, { force: true });
  const registry = hostOf(env.npm_config_registry) ?? 'the npm registry';
  const unreachable = new AbortController();
  const startedAt = Date.now();
  let answers = 0;
  let trouble = '';
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    if (answers > 0) return say(`still installing: ${answers} answers of ${registry} after ${seconds} s`);
    say(`waiting for ${registry}: no answer after ${seconds} s${trouble && ` (${trouble})`}`);
    // Without this check npm would try hundreds of packages, one after the other.
    if (trouble !== '' && seconds * 1_000 >= UNREACHABLE_MS) unreachable.abort();
  }, SAY_EVERY_MS);
  try {
    // The build needs the development tools, whatever NODE_ENV says. A line for each answer shows that it goes on.
    await runProgram('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=http', ...patience(env)], {
      cwd: root,
      env,
      silentMs: SILENT_MS,
      ending: unreachable.signal,
      onStart: (pid) => mark(markPath, pid),
      onLine: (line) => {
        const isAnswer = /^npm http (fetch|cache) /.test(line);
        const failed = / attempt \d+ failed with (\S+)/.exec(line);
        if (failed !== null) [, trouble] = failed;
        else if (isAnswer) answers += 1;
        return !isAnswer;
      },
    });
  } catch (error) {
    if (!unreachable.signal.aborted || signal.aborted) throw error;
    throw new SetupError(
      `${registry} cannot be reached (${trouble}), and the dependencies have to be installed once. ` +
        'Connect this machine, or set HTTPS_PROXY or npm_config_registry; then run this again.',
    );
  } finally {
    clearInterval(timer);
    if (signal.aborted || unreachable.signal.aborted) mark(markPath, ENDED);
    else await rm(markPath, { force: true });
  }
}

const patience = (env) =>
  Object.entries(PATIENCE).flatMap(([name, value]) =>
    env[`npm_config_${name.replaceAll('-', '_')}`] === undefined ? [`--${name}=${value}`] : [],
  );

function hostOf(url) {
  return URL.canParse(url) ? new URL(url).host : undefined; // without user and password
}

/** Written in place of a pid when the interrupted npm has ended. */
const ENDED = 0;

function mark(path, pid) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, String(pid));
}

/**
 * Tells whether an installation was cut off. A set-up that was killed (SIGKILL) leaves its npm behind, which goes on writing: it is ended.
 */
async function wasCutOff(path, { root, say }) {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const pid = Number(text);
  if (pid > 1 && isOurNpm(pid, root)) {
    say(`ending the installation that an earlier start has left behind (process ${pid}) …`);
    process.kill(-pid, 'SIGKILL');
    while (isOurNpm(pid, root)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/** Whether the pid still belongs to our npm, because another program may have got it meanwhile. */
function isOurNpm(pid, root) {
  if (!/\bnpm\b.*\bci\b/.test(commandOf(pid))) return false;
  try {
    return process.platform !== 'linux' || readlinkSync(`/proc/${pid}/cwd`) === realpathSync(root);
  } catch {
    return false; // the process has just ended, or belongs to another user
  }
}

/** Command line of a process; empty when there is none any more. */
function commandOf(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
