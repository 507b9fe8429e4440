import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFsSegmentStore } from '../../../src/pages/segments/fs-segment-store';

const HOUR = 'segments/2026/10/05/13';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'remove-hour-'));
  await mkdir(join(root, HOUR), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const addFiles = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await writeFile(join(root, HOUR, `${randomUUID()}.warc`), 'x');
};
const left = async (): Promise<number> => (await readdir(join(root, HOUR))).length;

test('a large hour goes in slices of fifty files, and is asked about after each', async () => {
  await addFiles(120);
  const seen: number[] = [];
  await createFsSegmentStore(root).removeHour(HOUR, async () => seen.push(await left()) > 0);
  expect(seen).toEqual([70, 20]);
  expect(await readdir(root)).toEqual(['segments']);
  expect(await readdir(join(root, 'segments'))).toEqual([]);
});

test('after a no the rest stays until the hour is removed once more', async () => {
  const store = createFsSegmentStore(root);
  await addFiles(120);
  await store.removeHour(HOUR, async () => false);
  expect(await left()).toBe(70);
  expect(await store.listHours()).toEqual([HOUR]);
  await store.removeHour(HOUR, async () => true);
  expect(await store.listHours()).toEqual([]);
});

test('what is no file goes as well, and an hour that is not there is no error', async () => {
  const store = createFsSegmentStore(root);
  await mkdir(join(root, HOUR, 'lost+found', 'deep'), { recursive: true });
  await store.removeHour(HOUR, async () => true);
  await store.removeHour(HOUR, async () => true);
  expect(await store.listHours()).toEqual([]);
});

test('an error of the one who is asked stops it', async () => {
  await addFiles(60);
  const stopped = createFsSegmentStore(root).removeHour(HOUR, () => Promise.reject(new Error('stop')));
  await expect(stopped).rejects.toThrow('stop');
  expect(await left()).toBe(10);
});
