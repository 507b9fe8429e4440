import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from '../../src/embedded/data-dir-lock';
import { findProcess } from '../../src/embedded/running-process';
import { waitFor } from '../support/wait-for';
import { compileEmbedded, runScript } from './run-typescript';

let dir: string;
const lockFile = () => join(dir, 'everfetch.lock');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'everfetch lock '));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a second lock is refused by name of the holder, until the first is released', async () => {
  const lock = await lockDataDir(dir);
  await expect(lockDataDir(dir)).rejects.toMatchObject({
    name: 'DataDirLockedError',
    pid: process.pid,
    message:
      `The data folder ${dir} is in use by another everfetch, process ${process.pid}. ` +
      'Stop that one first, or set DATA_DIR to another folder.',
  });
  await lock.release();
  await lock.release();
  await (await lockDataDir(dir)).release();
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock of a process that was killed is taken over', async () => {
  const dist = compileEmbedded(dir);
  const code = `require('./embedded/data-dir-lock.js').lockDataDir(${JSON.stringify(dir)}).then(() => console.log('locked'));
    setInterval(() => {}, 1000);`;
  const script = runScript(dist, code);
  await waitFor(() => script.output().includes('locked'));
  await expect(lockDataDir(dir)).rejects.toMatchObject({ pid: script.process.pid });
  script.process.kill('SIGKILL');
  await waitFor(() => findProcess(script.process.pid ?? 0) === undefined);
  await (await lockDataDir(dir)).release();
});

test.each([
  ['whose number is another process now', () => JSON.stringify({ pid: process.ppid, startedAt: 'long ago' })],
  ['that is cut off', () => '{"pid":'],
  ['that is empty', () => ''],
])('a lock %s is taken over', async (_name, content) => {
  writeFileSync(lockFile(), content());
  const lock = await lockDataDir(dir);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('of many that find a stale lock at once, one gets it', async () => {
  writeFileSync(lockFile(), JSON.stringify({ pid: 0, startedAt: '' }));
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => lockDataDir(dir)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(readdirSync(dir)).toEqual(['everfetch.lock']);
});

test('a folder that cannot be written to is told by the system', async () => {
  await expect(lockDataDir(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a claim that a killed starter left does not block the next one', async () => {
  const stale = JSON.stringify({ pid: 0, startedAt: '', id: 'stale' });
  writeFileSync(lockFile(), stale);
  const claim = `${lockFile()}.${createHash('sha256').update(stale).digest('hex').slice(0, 12)}`;
  writeFileSync(claim, JSON.stringify({ pid: 0, startedAt: '', id: 'claim' }));
  const lock = await lockDataDir(dir);
  expect(readdirSync(dir)).toEqual(['everfetch.lock']);
  await lock.release();
});
