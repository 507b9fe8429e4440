import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { coalesce } from './coalesce';
import type { SegmentStore } from './segment-store';
import { assertHour, hourOf, SegmentMissingError, SegmentTruncatedError } from './segment-store';

const WRITE_BYTES = 1 << 20;

/** Segments as files below `rootDir`, which is made when it is not there. Several processes may share one root. */
export function createFsSegmentStore(rootDir: string): SegmentStore {
  const root = resolve(rootDir);
  const madeDurable = new Map<string, Promise<void>>();

  /** Once per folder and process; all writers of a new hour wait for the same fsyncs, so none is acknowledged before them. */
  async function ensureFolder(folder: string): Promise<void> {
    let made = madeDurable.get(folder);
    if (made === undefined) {
      madeDurable.clear(); // only the current hour is worth remembering
      made = makeFolder(folder, root);
      madeDurable.set(folder, made);
    }
    try {
      await made;
    } catch (error) {
      if (madeDurable.get(folder) === made) madeDurable.delete(folder);
      throw error;
    }
  }

  async function write(key: string, chunks: readonly Buffer[]): Promise<void> {
    const hour = join(root, hourOf(key));
    for (let tries = 1; ; tries += 1) {
      try {
        await ensureFolder(hour);
        await replaceFile(join(root, key), chunks);
        return;
      } catch (error) {
        // The folder was removed meanwhile: by `removeHour` as an empty parent, or by hand.
        if (!isMissing(error) || tries === 3) throw error;
        madeDurable.delete(hour);
      }
    }
  }

  async function read(key: string, offset: number, length: number): Promise<Buffer> {
    hourOf(key);
    if (!isSize(offset) || !isSize(length)) throw new RangeError(`range ${offset}+${length} of ${key} is not valid`);
    const file = await open(join(root, key), 'r').catch((error: unknown) => {
      throw isMissing(error) ? new SegmentMissingError(key, { cause: error }) : error;
    });
    try {
      const bytes = Buffer.allocUnsafe(length);
      let found = 0;
      while (found < length) {
        const { bytesRead } = await file.read(bytes, found, length - found, offset + found);
        if (bytesRead === 0) throw new SegmentTruncatedError(key, offset, length, found);
        found += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  async function listHours(): Promise<string[]> {
    let prefixes = ['segments'];
    for (const name of [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^\d{2}$/]) {
      const below = await Promise.all(prefixes.map((prefix) => foldersIn(root, prefix, name)));
      prefixes = below.flat();
    }
    return prefixes.sort();
  }

  async function removeHour(prefix: string): Promise<void> {
    assertHour(prefix);
    await rm(join(root, prefix), { recursive: true, force: true });
    madeDurable.delete(join(root, prefix));
    // Up to the first parent that is not empty: rmdir takes empty folders only.
    for (let parent = dirname(prefix); parent !== 'segments'; parent = dirname(parent)) {
      const isRemoved = await rmdir(join(root, parent)).then(...toBoolean);
      if (!isRemoved) return;
    }
  }

  async function check(): Promise<void> {
    await makeFolder(root, root);
    const probe = join(root, `.check-${randomUUID()}`);
    try {
      await writeDurably(probe, [Buffer.from('ok')]);
    } finally {
      await rm(probe, { force: true });
    }
  }

  return { write, read, listHours, removeHour, check };
}

/** The temporary file is in the same folder, because rename is atomic within one file system only; left over, it goes with its hour. */
async function replaceFile(path: string, chunks: readonly Buffer[]): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, chunks);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // what went wrong first is what counts
    throw error;
  }
  await syncFolder(dirname(path)); // without it the name may be lost in a power cut although the bytes are there
}

async function writeDurably(path: string, chunks: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    // Not writev: it gives no guarantee to write everything, and takes 1,024 buffers a call at most.
    for (const part of coalesce(chunks, WRITE_BYTES)) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes `folder` and syncs the folders above it up to `root`, also those that were there: another process may have made one and not
 * synced it yet. Beyond `root` only what was made here, because the others need not be readable for us.
 */
async function makeFolder(folder: string, root: string): Promise<void> {
  const firstMade = await mkdir(folder, { recursive: true });
  const top = firstMade !== undefined && firstMade.length <= root.length ? dirname(firstMade) : root;
  for (let path = folder; path !== top;) {
    path = dirname(path);
    await syncFolder(path);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function foldersIn(root: string, prefix: string, name: RegExp): Promise<string[]> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []; // never written to, or removed while we look
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() && name.test(entry.name)).map(({ name }) => `${prefix}/${name}`);
}

const toBoolean = [() => true, () => false] as const;

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Not `instanceof Error`: under Jest the errors that Node makes are of another realm. */
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
