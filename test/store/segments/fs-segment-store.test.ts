import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFsSegmentStore } from '../../../src/store/segments/fs-segment-store';
import type { SegmentStore } from '../../../src/store/segments/segment-store';
import { hourOf, segmentKey } from '../../../src/store/segments/segment-store';

let root: string;
let store: SegmentStore;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'segments-')), 'not', 'there', 'yet');
  store = createFsSegmentStore(root);
});

afterEach(async () => {
  await rm(join(root, '../../..'), { recursive: true, force: true });
});

const newKey = (time = '2026-10-05T13:00:00Z'): string => segmentKey(new Date(time), randomUUID());
const bytes = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

test('read gives any range of what was written', async () => {
  const key = newKey();
  await store.write(key, bytes('abc', '', 'defgh'));
  expect((await store.read(key, 0, 8)).toString()).toBe('abcdefgh');
  expect((await store.read(key, 2, 3)).toString()).toBe('cde');
  expect(await store.read(key, 8, 0)).toHaveLength(0);
});

test('write takes thousands of chunks and chunks of megabytes', async () => {
  const chunks = [...Array.from({ length: 3_000 }, (_, i) => Buffer.from(`${i},`)), Buffer.alloc(3_000_000, 'x')];
  const key = newKey();
  await store.write(key, chunks);
  const whole = Buffer.concat(chunks);
  expect((await store.read(key, 0, whole.length)).equals(whole)).toBe(true);
});

test('writing a key again replaces it', async () => {
  const key = newKey();
  await store.write(key, bytes('first'));
  await store.write(key, bytes('second'));
  expect((await store.read(key, 0, 6)).toString()).toBe('second');
});

test('read of a segment that is not there says so', async () => {
  const key = newKey();
  await expect(store.read(key, 0, 1)).rejects.toMatchObject({ name: 'SegmentMissingError', key });
});

test('read beyond the end is an error instead of fewer bytes', async () => {
  const key = newKey();
  await store.write(key, bytes('abcdef'));
  await expect(store.read(key, 4, 3)).rejects.toMatchObject({ name: 'SegmentTruncatedError' });
  await truncate(join(root, key), 3);
  await expect(store.read(key, 0, 6)).rejects.toThrow('has 3 bytes at offset 0, expected 6');
});

test.each([
  [-1, 1],
  [0, -1],
  [0.5, 1],
  [0, Number.NaN],
])('read refuses the range %d+%d', async (offset, length) => {
  await expect(store.read(newKey(), offset, length)).rejects.toThrow(RangeError);
});

test('a key that leads elsewhere is refused by every operation', async () => {
  const outside = 'segments/2026/10/05/../../../../outside.warc';
  await expect(store.write(outside, bytes('x'))).rejects.toThrow('is not a segment key');
  await expect(store.read(outside, 0, 1)).rejects.toThrow('is not a segment key');
  await expect(store.removeHour('segments/2026/10/05/..')).rejects.toThrow('is not an hour of segments');
  expect(existsSync(root)).toBe(false);
});

test('writers of a new hour do not disturb each other', async () => {
  const keys = Array.from({ length: 20 }, () => newKey());
  await Promise.all(keys.map((key) => store.write(key, bytes(key))));
  for (const key of keys) expect((await store.read(key, 0, key.length)).toString()).toBe(key);
});

test('a finished write leaves nothing but the segment', async () => {
  const key = newKey();
  await store.write(key, bytes('abc'));
  expect(readdirSync(join(root, hourOf(key)))).toEqual([key.split('/').at(-1)]);
});

test('a write that fails leaves no temporary file and no segment', async () => {
  const key = newKey();
  await mkdir(join(root, key), { recursive: true }); // a folder in the way makes the rename fail, after the bytes are written
  await writeFile(join(root, key, 'full'), '');
  await expect(store.write(key, bytes('abc'))).rejects.toMatchObject({ syscall: 'rename' });
  expect(readdirSync(join(root, hourOf(key)))).toEqual([key.split('/').at(-1)]);
});

test('what a crash leaves behind is no segment, and goes with its hour', async () => {
  const key = newKey();
  const leftOver = join(root, dirname(key), `.${randomUUID()}.tmp`);
  await mkdir(dirname(leftOver), { recursive: true });
  await writeFile(leftOver, 'half a rec');
  await expect(store.read(key, 0, 4)).rejects.toMatchObject({ name: 'SegmentMissingError' });
  expect(await store.listHours()).toEqual(['segments/2026/10/05/13']);
  await store.removeHour('segments/2026/10/05/13');
  expect(existsSync(leftOver)).toBe(false);
});

test('listHours gives the hours in order, and nothing else that lies about', async () => {
  expect(await store.listHours()).toEqual([]);
  for (const time of ['2026-10-05T13:00:00Z', '2025-12-31T23:00:00Z', '2026-10-05T02:00:00Z']) {
    await store.write(newKey(time), bytes('x'));
  }
  await mkdir(join(root, 'segments/lost+found'));
  await writeFile(join(root, 'segments/2026/10/05/14'), 'a file');
  expect(await store.listHours()).toEqual([
    'segments/2025/12/31/23',
    'segments/2026/10/05/02',
    'segments/2026/10/05/13',
  ]);
});

test('removeHour takes one hour and the folders it leaves empty', async () => {
  const old = newKey('2025-12-31T23:00:00Z');
  const recent = newKey();
  await store.write(old, bytes('x'));
  await store.write(recent, bytes('y'));
  await store.removeHour(hourOf(old));
  await store.removeHour(hourOf(old)); // once more is harmless
  await expect(store.read(old, 0, 1)).rejects.toMatchObject({ name: 'SegmentMissingError' });
  expect((await store.read(recent, 0, 1)).toString()).toBe('y');
  expect(existsSync(join(root, 'segments/2025'))).toBe(false);
});

test('an hour that was removed can be written to again, by this or another process', async () => {
  const other = createFsSegmentStore(root);
  for (const remover of [store, other]) {
    const key = newKey();
    await store.write(key, bytes('x'));
    await remover.removeHour(hourOf(key));
    await store.write(key, bytes('again'));
    expect((await store.read(key, 0, 5)).toString()).toBe('again');
  }
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
