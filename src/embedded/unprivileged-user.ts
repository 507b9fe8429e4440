import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Who PostgreSQL runs as when we are root, which it refuses to run as. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: UnprivilegedUser = { uid: 65_534, gid: 65_534 };

/** Undefined unless we are root. Data that an ordinary user made earlier stays that user's. */
export function unprivilegedUser(existingData?: string): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existingData === undefined ? undefined : statSync(existingData, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid };
}

/** Asks the system rather than mode bits: ACLs and every parent folder count, too. */
export function canEnter(user: UnprivilegedUser, dir: string): boolean {
  return test(user, dir, 'cd -- "$1"');
}

/** May `user` run the programs and read the libraries of a PostgreSQL? */
export function canUse(user: UnprivilegedUser, nativeDir: string): boolean {
  return test(user, nativeDir, 'cd -- "$1" && test -x bin/postgres && test -r share/postgresql/postgres.bki');
}

function test(user: UnprivilegedUser, dir: string, script: string): boolean {
  const options = { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' } as const;
  return spawnSync('/bin/sh', ['-c', script, 'sh', dir], options).status === 0;
}
