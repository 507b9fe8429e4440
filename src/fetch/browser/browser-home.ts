import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that one browser writes. Its name tells whose it is: containers may share the folder, and their numbers of processes. */
const PREFIX = `everfetch-browser-${hostname()}-`;

export async function makeBrowserHome(): Promise<string> {
  await removeLeftHomes();
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

export async function removeBrowserHome(path: string): Promise<void> {
  // A process that is just ending may still write.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

/** Of workers that were killed: their browsers ended with them (the pipe closed), their folders stayed. */
async function removeLeftHomes(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): string[] => []);
  for (const name of names) {
    const [, pid] = name.startsWith(PREFIX) ? (/^(\d+)-/.exec(name.slice(PREFIX.length)) ?? []) : [];
    if (pid !== undefined && !isAlive(Number(pid))) await removeBrowserHome(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // as: thrown by process.kill; EPERM means somebody else's, alive
  }
}
