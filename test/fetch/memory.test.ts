import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PAGES = 100;
const PAGE_BYTES = 40 * 1024 * 1024;
/** Node.js 24 takes some 60 MB more for the same work than 20. */
const LIMIT_MEGABYTES = 576;

interface Report {
  readonly sizes: readonly (number | string)[];
  readonly peakMegabytes: number;
  readonly bytesLeft: number;
}

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** Runs TypeScript from `memory/`. @returns the first thing that it sends */
function firstMessageOf(name: string, args: readonly number[]): Promise<unknown> {
  const script = join(__dirname, 'memory', name);
  const child = fork(script, args.map(String), { execArgv: ['--require', 'tsx/cjs'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code, signal) => reject(new Error(`${name} ended with ${code ?? signal}`)));
  });
}

// Only Linux tells the peak of a process.
const testOnLinux = existsSync('/proc/self/status') ? test : test.skip;

testOnLinux('a hundred pages of 40 MB at once do not take a worker over 576 MB', async () => {
  const port = (await firstMessageOf('target.ts', [PAGE_BYTES])) as number;
  const report = (await firstMessageOf('fetch-all.ts', [port, PAGES])) as Report;
  expect(report.sizes).toEqual(Array.from({ length: PAGES }, () => PAGE_BYTES));
  expect(report.bytesLeft).toBe(0);
  expect(report.peakMegabytes).toBeLessThan(LIMIT_MEGABYTES);
});
