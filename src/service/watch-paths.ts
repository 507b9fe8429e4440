import { stat } from 'node:fs/promises';
import { Poller } from '../async/poller';

const LOOK_EVERY_MS = 5_000;

/**
 * Calls `onGone` once when one of the paths is not any more what it was at the call: deleted, or replaced by another.
 * A database in a deleted folder would go on to take what it is given, into files without a name.
 * @returns ends the watch
 */
export async function watchPaths(
  paths: readonly string[],
  onGone: (path: string) => void,
  everyMs = LOOK_EVERY_MS,
): Promise<() => void> {
  const first = new Map(await Promise.all(paths.map(async (path) => [path, await identityOf(path)] as const)));
  let isOver = false;
  const look = async (): Promise<void> => {
    for (const [path, identity] of first) {
      const found = await identityOf(path).catch(() => identity); // a disk that does not answer now has lost nothing yet
      if (found === identity || isOver) continue;
      end();
      onGone(path);
    }
  };
  // A look never throws. It may take long on a disk that does not answer, and then no other is begun beside it.
  const poller = new Poller({ run: look, everyMs, onError: () => undefined });
  const end = (): void => {
    isOver = true;
    void poller.stop();
  };
  poller.start();
  return end;
}

/** Differs for every file that ever has this path at the same time as the one before; undefined when nothing is there. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}/${ino}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
