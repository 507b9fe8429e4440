import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchPaths } from '../../src/service/watch-paths';
import { waitFor } from '../support/wait-for';

let dir: string;
let paths: readonly [string, string];
let gone: string[];
let end: () => void;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everfetch-watch-'));
  paths = [join(dir, 'postgres'), join(dir, 'lock')];
  await mkdir(paths[0]);
  await writeFile(paths[1], 'ours');
  gone = [];
  end = await watchPaths(paths, (path) => gone.push(path), 5);
});
afterEach(async () => {
  end();
  await rm(dir, { recursive: true, force: true });
});

/** Several looks have been taken. */
const someLooks = async (): Promise<void> => {
  const other: string[] = [];
  const elsewhere = await mkdtemp(join(tmpdir(), 'everfetch-watch-'));
  const file = join(elsewhere, 'other');
  await writeFile(file, '');
  const endOther = await watchPaths([file], (path) => other.push(path), 50);
  await rm(elsewhere, { recursive: true });
  await waitFor(() => other.length === 1);
  endOther();
};

test.each<[string, () => Promise<void>, number]>([
  ['a folder that is deleted', () => rm(paths[0], { recursive: true }), 0],
  ['a file that is deleted', () => rm(paths[1]), 1],
  [
    'everything',
    async () => {
      await rename(dir, `${dir}-gone`); // at once: `rm` takes one path after the other
      await rm(`${dir}-gone`, { recursive: true });
    },
    0,
  ],
  ['a folder that is moved away', () => rename(paths[0], join(dir, 'old')), 0],
  [
    'a folder that is replaced',
    async () => {
      await rename(paths[0], join(dir, 'old'));
      await mkdir(paths[0]);
    },
    0,
  ],
])('%s is told once', async (_name, change, index) => {
  await change();
  await waitFor(() => gone.length > 0);
  await someLooks();
  expect(gone).toEqual([paths[index]]);
});

test('what changes in them is not told, and nothing is after the end', async () => {
  await writeFile(join(paths[0], 'row'), 'x');
  await writeFile(paths[1], 'ours still');
  await utimes(paths[1], 1, 1);
  await someLooks();
  end();
  await rm(paths[0], { recursive: true });
  await someLooks();
  expect(gone).toEqual([]);
});
