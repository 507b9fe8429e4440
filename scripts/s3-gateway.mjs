// Builds the S3 server of the tests with Go and prints its path: node scripts/s3-gateway.mjs
// Versity gateway, because it is one Go program that keeps its objects in plain files, Apache-2.0 and maintained; MinIO's
// repository is archived. The first build takes minutes, later ones find it in the cache.
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fail, locked } from './setup.mjs';

const VERSION = 'v1.8.0'; // its modules are pinned by its own go.sum, and that by the checksum database
const MODULE = 'github.com/versity/versitygw/cmd/versitygw';
const BUILD_TIMEOUT_MS = 20 * 60_000;

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(process.env.EVERFETCH_CACHE || join(root, '.cache'), 's3-gateway');
const name = process.platform === 'win32' ? 'versitygw.exe' : 'versitygw';
const path = join(cache, VERSION, name);

async function build() {
  if (existsSync(path)) return; // another build was faster
  process.stderr.write(
    `everfetch: building the S3 server of the tests, Versity gateway ${VERSION} (once, minutes) …\n`,
  );
  await mkdir(join(cache, VERSION), { recursive: true });
  const folder = await mkdtemp(join(cache, 'build-'));
  // These settings overrule those of the user: no vendor folder, no C compiler.
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
  try {
    // Without optimisation and without what debuggers need, it is built in two thirds of the time, and the tests do not notice.
    await run('go', ['install', '-gcflags=all=-N -l', '-ldflags=-s -w', `${MODULE}@${VERSION}`], {
      cwd: folder,
      env,
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 1 << 26,
    });
    await rename(join(folder, name), path);
  } catch (error) {
    const reason = error.code === 'ENOENT' ? 'Go is not on PATH' : String(error.stderr || error.message).trim();
    throw new Error(`Versity gateway ${VERSION}, the S3 server of the tests, could not be built: ${reason}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  try {
    if (!existsSync(path)) await locked(build, 's3-gateway');
    process.stdout.write(`${path}\n`);
  } catch (error) {
    fail(error);
  }
}
