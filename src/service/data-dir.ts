import { constants } from 'node:fs';
import { access, mkdir, open, rm, stat, statfs } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/config';
import { configProblem } from '../config/config-problem';
import { UnavailableError } from './errors';

/** Reasons why a file cannot be created or written, by the error code of the system. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'that file system is read-only',
  ENOTDIR: 'a part of that path is a file',
  EISDIR: 'a folder is where a file should be',
  EEXIST: 'a file is there and not a folder',
  ENOENT: 'no folder can be made there',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the path has symbolic links in a circle',
  EINVAL: 'that file system takes no such name',
  ENOTSUP: 'that file system takes no folders',
};
const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on that disk',
  EDQUOT: 'the quota of this user on that disk is used up',
  EIO: 'that disk does not work (input/output error)',
};

/** File systems of /proc and /sys, where not even root can create files: PROC_SUPER_MAGIC and SYSFS_MAGIC of statfs(2). */
const WITHOUT_FOLDERS = process.platform === 'linux' ? [0x9fa0, 0x62656572] : [];

/** Says why `dir` cannot be the data folder, as far as that can be seen without creating anything. */
export async function problemsOfDataDir(dir: string): Promise<readonly string[]> {
  try {
    await assertUsable(dir);
    return [];
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    return [configProblem('DATA_DIR', dir, complaint)];
  }
}

/** Throws unless this process may write to the folder, or to the nearest existing one above it. */
async function assertUsable(dir: string): Promise<void> {
  for (let path = dir; ; path = dirname(path)) {
    const found = await stat(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined && path !== dirname(path)) continue;
    if (found?.isDirectory() === false)
      throw Object.assign(new Error(path), { code: path === dir ? 'EEXIST' : 'ENOTDIR' });
    if (WITHOUT_FOLDERS.includes((await statfs(path)).type)) throw Object.assign(new Error(path), { code: 'ENOTSUP' });
    return access(path, constants.W_OK | constants.X_OK);
  }
}

/**
 * Creates the data folder if it does not exist, and checks that it can be written to.
 * @throws ConfigError when it is not writable, UnavailableError when its disk is full or broken
 */
export async function prepareDataDir(dir: string): Promise<void> {
  try {
    await makeFolder(dir);
    const probe = join(dir, `.write-test-${randomUUID()}`);
    const file = await open(probe, 'wx');
    try {
      await file.writeFile('everfetch');
      await file.sync();
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
  } catch (error) {
    throw explainFileError(error, dir) ?? error;
  }
}

/** Creates a folder level by level, because Node's recursive `mkdir` never ends below /proc, where parents exist but accept no folders. */
async function makeFolder(path: string, isParentMade = false): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || isParentMade || path === dirname(path)) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path, true);
  }
}

/** Explains a failure with a file below the data folder, if an operator can mend it; undefined for all others. */
export function explainFileError(error: unknown, dir: string): Error | undefined {
  const why = FULL[codeOf(error) ?? ''];
  if (why !== undefined) return diskError(why, dir, error);
  const complaint = complaintOf(error);
  return complaint === undefined
    ? undefined
    : new ConfigError([configProblem('DATA_DIR', dir, complaint)], { cause: error });
}

export const diskError = (why: string, dir: string, cause: unknown): UnavailableError =>
  new UnavailableError(
    `The data folder ${dir} cannot be written to: ${why}. Make room there, or set DATA_DIR to a folder on another disk.`,
    { cause },
  );

function complaintOf(error: unknown): string | undefined {
  const code = codeOf(error) ?? '';
  const why = REASONS[code];
  return why === undefined ? undefined : `but ${why} (${code}), it has to be a folder that everfetch may write to`;
}

/** Error code of the system. `instanceof Error` is not used, because under Jest the errors of Node are of another realm. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
