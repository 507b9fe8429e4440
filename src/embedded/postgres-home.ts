import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error';
import { sharedFolder, canEnter, unprivilegedUser } from './unprivileged-user';
import type { UnprivilegedUser } from './unprivileged-user';

export interface PostgresHome {
  /** Folder with the cluster and its password, which belongs to the user that PostgreSQL runs as. */
  readonly dir: string;
  readonly clusterDir: string;
  readonly password: string;
  readonly passwordFile: string;
  /** User that PostgreSQL runs as; undefined for that of this process. */
  readonly user: UnprivilegedUser | undefined;
  readonly notices: readonly string[];
}

/**
 * Prepares the folder of one cluster. As root it belongs to "nobody"; when that user cannot enter `dataDir`, the data lies
 * elsewhere and `dataDir/location` says where, so that data stays found after the checkout is moved or opened.
 */
export function preparePostgresHome(dataDir: string, majorVersion: string): PostgresHome {
  mkdirSync(dataDir, { recursive: true });
  const given = realpathSync(dataDir); // PostgreSQL reports real paths, by which its process is recognised
  const pointer = join(given, 'location');
  const user = unprivilegedUser(clusterOf(existsSync(pointer) ? readPointer(pointer) : given, majorVersion));
  const dir = user === undefined ? inPlace(given, pointer) : placeFor(user, given, pointer, majorVersion);
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  chmodSync(dir, 0o700);

  const passwordFile = join(dir, 'password');
  const clusterDir = clusterOf(dir, majorVersion);
  if (!existsSync(passwordFile)) {
    if (existsSync(clusterDir))
      throw new EmbeddedServerError(`${passwordFile} is missing, so the database in ${clusterDir} cannot be opened.`);
    writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  }
  const isElsewhere = dir !== given;
  return {
    dir,
    clusterDir,
    passwordFile,
    password: readFileSync(passwordFile, 'utf8').trim(),
    user,
    notices: isElsewhere
      ? [`PostgreSQL's data is in ${dir}: it refuses to run as root, and another user cannot enter ${dirname(given)}.`]
      : [],
  };
}

const clusterOf = (dir: string, majorVersion: string): string => join(dir, majorVersion);

const readPointer = (pointer: string): string => readFileSync(pointer, 'utf8').trim();

/** The folder for an ordinary user. Throws when the data in it belongs to another user. */
function inPlace(given: string, pointer: string): string {
  const dir = existsSync(pointer) ? readPointer(pointer) : given;
  const owner = statSync(dir, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== process.getuid?.())
    throw new EmbeddedServerError(
      `The PostgreSQL data in ${dir} belongs to another user (uid ${owner ?? 'unknown'}): it was made as root, probably. ` +
        'Start everfetch as the same user again, or set DATA_DIR to another folder.',
    );
  return dir;
}

function placeFor(user: UnprivilegedUser, given: string, pointer: string, majorVersion: string): string {
  if (existsSync(pointer)) {
    const dir = readPointer(pointer);
    if (existsSync(dir)) return dir;
    throw new EmbeddedServerError(`${pointer} says that PostgreSQL's data is in ${dir}, but that folder is gone.`);
  }
  if (canEnter(user, dirname(given))) return given;
  if (existsSync(clusterOf(given, majorVersion)))
    throw new EmbeddedServerError(
      `PostgreSQL cannot enter its data folder ${given} any more, which it could before: ` +
        `it runs as uid ${user.uid}. Open the folders above it with chmod o+x.`,
    );
  // The random part of the name keeps a start from finding old rows after the data folder was deleted.
  const hash = createHash('sha256').update(given).digest('hex').slice(0, 12);
  const dir = join(sharedFolder(), `${basename(given)}-${hash}-${randomBytes(3).toString('hex')}`);
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(pointer, `${dir}\n`);
  return dir;
}

/**
 * Creates the cluster unless it exists, as a draft that is renamed to `clusterDir` when complete, so that a crash half-way does no harm.
 */
export async function initPostgres(home: PostgresHome, nativeDir: string, signal?: AbortSignal): Promise<void> {
  const { clusterDir, dir, user, passwordFile } = home;
  if (existsSync(clusterDir)) return;
  const prefix = `${basename(clusterDir)}.draft-`;
  for (const name of await readdir(dir))
    if (name.startsWith(prefix)) await rm(join(dir, name), { recursive: true, force: true });

  const draft = join(dir, `${prefix}${randomUUID()}`);
  const args = [
    ...['--pgdata', draft, '--username', 'everfetch', '--auth', 'scram-sha-256', '--pwfile', passwordFile],
    ...['--encoding', 'UTF8', '--locale', 'C'], // independent of the locales of the machine
  ];
  try {
    await promisify(execFile)(join(nativeDir, 'bin', 'initdb'), args, {
      cwd: dir,
      env: { LC_ALL: 'C' },
      ...user,
      ...(signal && { signal }),
    });
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    signal?.throwIfAborted();
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const hint = stderr.includes('shared libraries') ? '\nRun `npm run setup`, which links its libraries.' : '';
    throw new EmbeddedServerError(`PostgreSQL's initdb failed: ${stderr.trim() || message}${hint}`, { cause: error });
  }
  await rename(draft, clusterDir);
  const folder = await open(dirname(clusterDir)); // initdb syncs its files, but not the new name
  await folder.sync().finally(() => folder.close());
}
