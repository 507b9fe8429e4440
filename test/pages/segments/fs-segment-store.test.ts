import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createFsSegmentStore } from '../../../src/pages/segments/fs-segment-store';
import type { SegmentStore } from '../../../src/pages/segments/segment-store';
import { hourOf } from '../../../src/pages/segments/segment-store';
import { bytes, newKey, testSegmentStore } from './segment-store-contract';
import type { StorePlace } from './segment-store-contract';

/** A root that is not there yet, two folders below one that is. */
async function openPlace(): Promise<StorePlace & { readonly root: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'segments-'));
  const root = join(folder, 'not', 'there', 'yet');
  return {
    root,
    store: createFsSegmentStore(root),
    another: () => createFsSegmentStore(root),
    async names() {
      const leaves = existsSync(root) ? await leavesOf(root) : [];
      return leaves
        .map((path) => relative(root, path))
        .filter((name) => name !== 'segments')
        .sort(); // The top folder stays.
    },
    async plant(name, content) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    },
    cutShort: (key, length) => truncate(join(root, key), length),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lists files, and folders that hold nothing. */
async function leavesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    const leaves = await leavesOf(path);
    return leaves.length > 0 ? leaves : [path];
  });
  return (await Promise.all(below)).flat();
}

describe('as any store', () => {
  testSegmentStore(openPlace);
});

describe('as files', () => {
  let place: StorePlace & { readonly root: string };
  let root: string;
  let store: SegmentStore;

  beforeEach(async () => {
    place = await openPlace();
    ({ root, store } = place);
  });
  afterEach(() => place.remove());

  test('nothing is made for a key that is refused', async () => {
    const outside = 'segments/2026/10/05/../../../../outside.warc';
    await expect(store.write(outside, bytes('x'))).rejects.toThrow('is not a segment key');
    await expect(store.removeHour('segments/2026/10/05/..')).rejects.toThrow('is not an hour of segments');
    expect(existsSync(root)).toBe(false);
  });

  test('a write that fails leaves no temporary file and no segment', async () => {
    const key = newKey();
    await mkdir(join(root, key), { recursive: true }); // A folder in the way makes the rename fail, after the bytes are written.
    await writeFile(join(root, key, 'full'), '');
    await expect(store.write(key, bytes('abc'))).rejects.toMatchObject({ syscall: 'rename' });
    expect(readdirSync(join(root, hourOf(key)))).toEqual([key.split('/').at(-1)]);
  });

  test('removeHour takes the folders above that it leaves empty', async () => {
    const key = newKey('2025-12-31T23:00:00Z');
    await store.write(key, bytes('x'));
    await store.write(newKey(), bytes('y'));
    await store.removeHour(hourOf(key));
    expect(existsSync(join(root, 'segments/2025'))).toBe(false);
  });

  test('check passes on a new root and leaves nothing in it', async () => {
    await store.check();
    expect(readdirSync(root)).toEqual([]);
  });

  test('a root in a folder that may not be listed is no obstacle', async () => {
    await mkdir(root, { recursive: true });
    await chmod(join(root, '..'), 0o311);
    const key = newKey();
    await store.write(key, bytes('x'));
    await chmod(join(root, '..'), 0o755);
    expect((await store.read(key, 0, 1)).toString()).toBe('x');
  });

  test('check fails where nothing can be written', async () => {
    await writeFile(join(root, '../../../file'), '');
    await expect(createFsSegmentStore(join(root, '../../../file/segments')).check()).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });
});
