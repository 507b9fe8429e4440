import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  coalesce,
  assertHour,
  hourOf,
  isSegmentKey,
  SegmentMissingError,
  SegmentTruncatedError,
} from './segment-store';
import type { SegmentEntry, SegmentStore } from './segment-store';
import type { MayGoOn } from '../../async/work-pace';
import { erasedRecord, isCovered } from './erased-record';
import type { ByteRange } from './erased-record';
import { OpenFiles } from './open-files';

/** Most buffers that a gathered write takes: IOV_MAX of Linux. */
const BUFFERS_PER_WRITE = 1_024;
/** Chunks up to this size are joined before they are written. Heads of records have a few hundred bytes; pages are not copied. */
const SMALL_BYTES = 4_096;
const FILES_PER_SLICE = 50;

/** Stores segments as files below `rootDir`, which is made when it is not there. Several processes may share one root. */
export function createFsSegmentStore(rootDir: string): SegmentStore {
  const root = resolve(rootDir);
  const madeDurable = new Map<string, Promise<void>>();
  const files = new OpenFiles();

  /** Makes a folder once per process. All writers of a new hour wait for the same fsyncs, so none is acknowledged before them. */
  async function ensureFolder(folder: string): Promise<void> {
    let made = madeDurable.get(folder);
    if (made === undefined) {
      madeDurable.clear(); // Only the current hour is worth remembering.
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
        // The folder was removed meanwhile, by `removeHour` as an empty parent or by hand.
        if (!isMissing(error) || tries === 3) throw error;
        madeDurable.delete(hour);
      }
    }
  }

  async function read(key: string, offset: number, length: number): Promise<Buffer> {
    hourOf(key);
    if (!isSize(offset) || !isSize(length)) throw new RangeError(`range ${offset}+${length} of ${key} is not valid`);
    const bytes = await files.read(join(root, key), offset, length).catch((error: unknown) => {
      throw isMissing(error) ? new SegmentMissingError(key, { cause: error }) : error;
    });
    if (bytes.length < length) throw new SegmentTruncatedError(key, offset, length, bytes.length);
    return bytes;
  }

  async function listHours(): Promise<string[]> {
    let prefixes = ['segments'];
    for (const name of [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^\d{2}$/]) {
      const below = await Promise.all(prefixes.map((prefix) => foldersIn(root, prefix, name)));
      prefixes = below.flat();
    }
    return prefixes.sort();
  }

  async function* listSegments(hour: string): AsyncGenerator<SegmentEntry> {
    assertHour(hour);
    const names = await readdir(join(root, hour)).catch(emptyWhenMissing);
    for (const name of names.sort()) {
      const key = `${hour}/${name}`;
      if (!isSegmentKey(key)) continue;
      const found = await stat(join(root, key)).catch(emptyWhenMissing);
      if ('mtime' in found && found.isFile()) yield { key, bytes: found.size, writtenAt: found.mtime };
    }
  }

  async function removeHour(prefix: string, mayGoOn?: MayGoOn): Promise<void> {
    assertHour(prefix);
    if (mayGoOn !== undefined && !(await removeFiles(join(root, prefix), mayGoOn))) return;
    await rm(join(root, prefix), { recursive: true, force: true });
    madeDurable.delete(join(root, prefix));
    // This goes up to the first parent that is not empty, because rmdir removes empty folders only.
    for (let parent = dirname(prefix); parent !== 'segments'; parent = dirname(parent)) {
      const isRemoved = await rmdir(join(root, parent)).then(...toBoolean);
      if (!isRemoved) return;
    }
  }

  /** Overwrites in place, also before a removal: the blocks of a removed file keep what was in them. */
  async function erase(key: string, ranges: readonly ByteRange[]): Promise<void> {
    hourOf(key);
    const path = join(root, key);
    const file = await open(path, 'r+').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      const { size } = await file.stat();
      for (const range of ranges) await overwrite(file, range, size);
      await file.sync();
      if (!isCovered(ranges, size)) return;
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    await syncFolder(dirname(path)).catch(ignoreMissing);
  }

  async function check(): Promise<void> {
    await makeFolder(root, root);
    const probe = join(root, `.check-${randomUUID()}`);
    try {
      await writeDurably(probe, Buffer.from('ok'));
    } finally {
      await rm(probe, { force: true });
    }
  }

  return { write, read, listHours, listSegments, removeHour, erase, check };
}

/**
 * Writes a file atomically. The temporary file is in the same folder, because rename is atomic within one file system only; one that is left over goes with its hour.
 * Each step waits for a turn of an event loop that is busy with fetching, so there are as few as can be.
 */
async function replaceFile(path: string, chunks: readonly Buffer[]): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  const [folder, file] = await Promise.allSettled([open(dirname(path), 'r'), open(temporary, 'wx')]);
  try {
    if (file.status === 'rejected') throw file.reason;
    if (folder.status === 'rejected') throw folder.reason;
    await writeAll(file.value, chunks);
    await file.value.sync();
    await rename(temporary, path);
    await folder.value.sync(); // Without it the name may be lost in a power cut although the bytes are there.
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one that counts.
    throw error;
  } finally {
    // Everything is on disk or has failed already, so nobody needs to wait.
    for (const opened of [folder, file]) if (opened.status === 'fulfilled') opened.value.close().catch(() => undefined);
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes all chunks. A gathered write may stop anywhere, as on a disk that is nearly full; writing the rest then tells why. */
async function writeAll(file: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  let rest = [...coalesce(chunks, SMALL_BYTES)];
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest.slice(0, BUFFERS_PER_WRITE));
    rest = after(rest, bytesWritten);
  }
}

/** Overwrites a range, as far as the file has it. */
async function overwrite(file: FileHandle, { offset, length }: ByteRange, size: number): Promise<void> {
  let at = offset;
  for (const part of erasedRecord(Math.min(length, size - offset))) {
    const { bytesWritten } = await file.write(part, 0, part.length, at);
    if (bytesWritten < part.length) throw new Error(`${bytesWritten} bytes of ${part.length} could be overwritten`);
    at += part.length;
  }
}

/** @returns the rest of the chunks behind the first `bytes` */
function after(chunks: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = 0;
  const from = chunks.findIndex((chunk) => {
    if (skipped + chunk.length > bytes) return true;
    skipped += chunk.length;
    return false;
  });
  const [first, ...others] = from === -1 ? [] : chunks.slice(from);
  return first === undefined ? [] : [first.subarray(bytes - skipped), ...others];
}

/**
 * Makes `folder` and syncs the folders above it up to `root`, also those that were there: another process may have made one and not
 * synced it yet. Above `root` it syncs only the parents of folders that it made, because the others need not be readable for us.
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

/** Removes files in slices, because Node's recursive `rm` takes all files at once and keeps everyone else from the disk. @returns whether it came to the end */
async function removeFiles(folder: string, mayGoOn: MayGoOn): Promise<boolean> {
  const entries = await opendir(folder, { bufferSize: FILES_PER_SLICE }).catch(emptyWhenMissing);
  let removed = 0;
  for await (const entry of entries) {
    if (!entry.isFile()) continue;
    await rm(join(folder, entry.name), { force: true });
    removed += 1;
    if (removed % FILES_PER_SLICE === 0 && !(await mayGoOn())) return false;
  }
  return true;
}

async function foldersIn(root: string, prefix: string, name: RegExp): Promise<string[]> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch(emptyWhenMissing);
  return entries.filter((entry) => entry.isDirectory() && name.test(entry.name)).map(({ name }) => `${prefix}/${name}`);
}

/** Never written to, or removed while we look. */
function emptyWhenMissing(error: unknown): never[] {
  if (isMissing(error)) return [];
  throw error;
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

const toBoolean = [() => true, () => false] as const;

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** This does not use `instanceof Error`, because under Jest the errors that Node makes are of another realm. */
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
