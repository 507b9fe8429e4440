import { spawnSync } from 'node:child_process';
import { statSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error';

/** User that PostgreSQL runs as when we are root, because it refuses to run as root. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: UnprivilegedUser = { uid: 65_534, gid: 65_534 };

/** Chooses the user; undefined unless we are root. Data that an ordinary user created earlier stays that user's. */
export function unprivilegedUser(existingData?: string): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existingData === undefined ? undefined : statSync(existingData, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid };
}

/** Tells whether `user` can enter `dir`. It asks the system instead of reading mode bits, because ACLs and parent folders count, too. */
export function canEnter(user: UnprivilegedUser, dir: string): boolean {
  return test(user, dir, 'cd -- "$1"');
}

/** Tells whether `user` may run the programs and read the libraries of a PostgreSQL. */
export function canUse(user: UnprivilegedUser, nativeDir: string): boolean {
  return test(user, nativeDir, 'cd -- "$1" && test -x bin/postgres && test -r share/postgresql/postgres.bki');
}

function test(user: UnprivilegedUser, dir: string, script: string): boolean {
  const options = { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' } as const;
  return spawnSync('/bin/sh', ['-c', script, 'sh', dir], options).status === 0;
}

/** Creates or finds a folder that every user may enter but only root may write to, for files that cannot stay in a closed checkout. */
export function sharedFolder(candidates: readonly string[] = ['/var/lib', tmpdir()]): string {
  const reasons: string[] = [];
  for (const parent of candidates) {
    const path = join(parent, 'everfetch');
    try {
      mkdirSync(path, { mode: 0o755 });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') {
        reasons.push(message);
        continue;
      }
    }
    // In a folder that all can write to, another user may have created it first, or a symlink of that name.
    const found = lstatSync(path);
    const isOurs = found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0 && (found.mode & 0o001) !== 0;
    if (isOurs) return path;
    reasons.push(`${path} is not a folder of root with mode 755`);
  }
  throw new EmbeddedServerError(
    'PostgreSQL refuses to run as root, and another user cannot enter this project. ' +
      `No other place could be used either (${reasons.join('; ')}). ` +
      'Run everfetch as an ordinary user, or from a folder that others may enter.',
  );
}
