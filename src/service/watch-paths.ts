import { stat } from 'node:fs/promises';
import { Poller } from '../async/poller';

const LOOK_EVERY_MS = 5_000;

/**
 * Calls `onGone` once, as soon as one of the paths has been deleted or replaced. A database in a deleted folder would go on to accept
 * data, into files without a name.
 * @returns function that ends the watch
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
      const found = await identityOf(path).catch(() => identity); // a disk that does not answer has not lost anything yet
      if (found === identity || isOver) continue;
      end();
      onGone(path);
    }
  };
  // A check never throws. On a disk that does not answer it may take long, and then no other begins beside it.
  const poller = new Poller({ run: look, everyMs, onError: () => undefined });
  const end = (): void => {
    isOver = true;
    void poller.stop();
  };
  poller.start();
  return end;
}

/** Device and number of the file at a path, by which it can be told from one that replaces it; undefined when there is none. */
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
