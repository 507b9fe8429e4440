import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenFiles } from '../../../src/pages/segments/open-files';
import { waitFor } from '../../support/wait-for';

let folder: string;
let files: OpenFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-files-'));
  files = new OpenFiles();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const text = async (path: string, offset = 0, length = 3) => (await files.read(path, offset, length)).toString();

/** Lists the files of this folder that this process has open, deleted ones included. */
const openHere = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(`${folder}/`) ? [target] : [];
    } catch {
      return []; // The descriptor that lists the folder is closed by now.
    }
  });

test('reads any range, and less where the file ends', async () => {
  const path = await file('a', 'abcdef');
  expect(await text(path, 0, 6)).toBe('abcdef');
  expect(await text(path, 2, 3)).toBe('cde');
  expect(await text(path, 4, 10)).toBe('ef');
  expect(await text(path, 9, 1)).toBe('');
});

test('keeps a file open for the next read', async () => {
  const path = await file('a', 'abc');
  await text(path);
  await text(path);
  expect(openHere()).toEqual([path]);
});

test('a file that was deleted is not there, and is closed', async () => {
  const path = await file('a', 'abc');
  await text(path);
  await rm(path);
  await expect(text(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await waitFor(() => openHere().length === 0);
});

test('a file that was replaced is read anew', async () => {
  const path = await file('a', 'old');
  await text(path);
  await rename(await file('b', 'new'), path);
  expect(await text(path)).toBe('new');
  await waitFor(() => openHere().length === 1);
});

test('many readers of many files get what is theirs, and few files stay open', async () => {
  const names = Array.from({ length: 600 }, (_, n) => `${n}`);
  const paths = await Promise.all(names.map((name) => file(name, name.padStart(3, '0'))));
  const order = [...paths, ...paths].sort((a, b) => a.length - b.length || (a < b ? 1 : -1));
  const read = await Promise.all(order.map((path) => text(path)));
  expect(read).toEqual(order.map((path) => path.slice(folder.length + 1).padStart(3, '0')));
  await waitFor(() => openHere().length === 256);
});

test('a read that is under way when its file is pushed out or deleted ends well', async () => {
  const path = await file('a', 'x'.repeat(1_000_000));
  const others = await Promise.all(Array.from({ length: 300 }, (_, n) => file(`other-${n}`, 'abc')));
  await text(path);
  const reading = Array.from({ length: 20 }, () => files.read(path, 0, 1_000_000));
  await Promise.all([...others.map((other) => text(other)), rm(path)]);
  for (const bytes of await Promise.all(reading)) expect(bytes.equals(Buffer.alloc(1_000_000, 'x'))).toBe(true);
  await waitFor(() => !openHere().some((name) => name.startsWith(path)));
});

test('files that nobody reads any more are closed after a while', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'setTimeout', 'nextTick'] });
  try {
    await text(await file('a', 'abc'));
    jest.advanceTimersByTime(10_000);
    expect(openHere()).toHaveLength(1);
    jest.advanceTimersByTime(10_000);
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
  await waitFor(() => openHere().length === 0);
});
