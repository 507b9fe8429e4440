import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error';

/** A folder of root's that every user may enter but nobody else may write to, for what cannot stay in a closed checkout. */
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
    // In a folder that all can write to, somebody else may have made it first, or a symlink of that name.
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
