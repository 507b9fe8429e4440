import { stat } from 'node:fs/promises';

const LOOK_EVERY_MS = 5_000;

/**
 * Calls `onGone` once when the folder is not the one any more that it was at the call: deleted, or replaced.
 * Databases in it would go on to take what they are given, into files without a name.
 * @returns ends the watch
 */
export async function watchDataDir(dir: string, onGone: () => void, everyMs = LOOK_EVERY_MS): Promise<() => void> {
  const first = await stat(dir);
  const timer = setInterval(() => {
    stat(dir).then(
      (found) => {
        if (found.ino !== first.ino || found.dev !== first.dev) end();
      },
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') end();
      },
    );
  }, everyMs).unref();
  let isOver = false;
  const end = (): void => {
    clearInterval(timer);
    if (!isOver) onGone();
    isOver = true;
  };
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
