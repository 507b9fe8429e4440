import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Takes all that is free, and whatever becomes free later, until `release`. */
  fill(): void;
  release(): void;
  /** May be called twice. */
  unmount(): void;
}

const REFILL_EVERY_MS = 5;

/** @throws when this user may not mount */
export function mountSmallDisk(dir: string, megabytes: number): SmallDisk {
  mkdirSync(dir, { recursive: true });
  const { status, error, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir]);
  if (status !== 0) throw new Error(`mount failed: ${error?.message ?? stderr.toString().trim()}`);
  const filler = join(dir, 'filler');
  let isMounted = true;
  let timer: NodeJS.Timeout | undefined;

  const release = () => {
    clearInterval(timer);
    timer = undefined;
    rmSync(filler, { force: true });
  };
  const unmount = () => {
    if (!isMounted) return;
    isMounted = false;
    process.off('exit', unmount);
    release();
    spawnSync('umount', ['-l', dir]);
  };
  process.once('exit', unmount);
  return {
    // A write that fails takes its half-written file away again, which would make room for the next one.
    fill: () => {
      takeAll(filler);
      timer ??= setInterval(() => takeAll(filler), REFILL_EVERY_MS);
    },
    release,
    unmount,
  };
}

function takeAll(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const block of [Buffer.alloc(1 << 20), Buffer.alloc(4_096)]) {
      try {
        while (writeSync(file, block) > 0);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Why no small disk can be had here; undefined when it can. */
export function smallDiskObstacle(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'everfetch-mount-'));
  try {
    mountSmallDisk(dir, 1).unmount();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmdirSync(dir);
  }
}
