import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProcess } from './running-process';

/** The name of the lock in a data folder. */
export const LOCK_FILE = 'everfetch.lock';

/** Thrown when another live process uses the data folder. */
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
  /** Releases the lock. It may be called twice. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * Takes `dir` (it must exist) for this process alone. A lock whose holder is gone, or whose number is somebody else's now, is taken over.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  const path = join(dir, LOCK_FILE);
  const startedAt = findProcess(process.pid)?.startedAt ?? '';
  const content = JSON.stringify({ pid: process.pid, startedAt, id: randomUUID() });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o644 });
  try {
    const holder = await acquire(path, draft);
    if (holder !== undefined) throw new DataDirLockedError(dir, holder.pid);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    async release() {
      if ((await readIfThere(path)) === content) await rm(path, { force: true });
    },
  };
}

/**
 * Gives `draft` the name `path`, or returns the live holder of that name. Whoever removes a stale lock must hold the claim
 * to that very lock (every lock has an id, so its content is its own): otherwise, of two that find it stale, the second
 * would remove the new lock of the first. A claim is a lock like any other, and may itself be stale.
 */
async function acquire(path: string, draft: string): Promise<Holder | undefined> {
  for (;;) {
    if (await linkUnlessThere(draft, path)) return undefined; // a link is never seen half written, unlike a file made with O_EXCL
    const found = await readIfThere(path);
    if (found === undefined) continue;
    const holder = liveHolder(found);
    if (holder !== undefined) return holder;
    const claim = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 12)}`;
    if ((await acquire(claim, draft)) === undefined) {
      if ((await readIfThere(path)) === found) await rm(path, { force: true });
      await rm(claim, { force: true });
    } else await sleep(10);
  }
}

function liveHolder(content: string): Holder | undefined {
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(content) as Partial<Holder>;
  } catch {
    return undefined; // another program's file, or truncated by a full disk
  }
  const running = findProcess(Number(holder.pid));
  return running?.startedAt === holder.startedAt ? running : undefined;
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
