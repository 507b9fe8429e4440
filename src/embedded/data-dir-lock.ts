import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcess } from './running-process';

/** Another live process works on this data folder. */
export class DataDirLockedError extends Error {
  override readonly name = 'DataDirLockedError';
  readonly pid: number;

  constructor(dir: string, pid: number) {
    super(
      `The data folder ${dir} is in use by another everfetch, process ${pid}. ` +
        'Stop that one first, or set DATA_DIR to another folder.',
    );
    this.pid = pid;
  }
}

export interface DataDirLock {
  /** May be called twice. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/** Takes `dir` (it must exist) for this process alone. A lock whose holder is gone, or whose number is somebody else's now, is taken over. */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  const path = join(dir, 'everfetch.lock');
  const content = JSON.stringify({ pid: process.pid, startedAt: findProcess(process.pid)?.startedAt ?? '' });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o644 });
  try {
    for (;;) {
      if (await linkUnlessThere(draft, path)) break; // never seen half written, unlike a file opened with O_EXCL
      const found = await readIfThere(path);
      if (found === undefined) continue;
      const holder = liveHolder(found);
      if (holder !== undefined) throw new DataDirLockedError(dir, holder.pid);
      await setAside(path, found);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return {
    async release() {
      if ((await readIfThere(path)) === content) await rm(path, { force: true });
    },
  };
}

function liveHolder(content: string): Holder | undefined {
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(content) as Partial<Holder>;
  } catch {
    return undefined; // not ours, or cut off by a full disk
  }
  const running = findProcess(Number(holder.pid));
  return running?.startedAt === holder.startedAt ? running : undefined;
}

/** Two starters may both find the same stale lock: the one that moves away the other's new lock puts it back. */
async function setAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readIfThere(aside)) !== stale) await linkUnlessThere(aside, path);
  await rm(aside, { force: true });
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
