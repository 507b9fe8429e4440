import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startOrigin } from '../support/origin';

interface Report {
  readonly statuses: readonly number[];
  /** Growth of the peak memory of the process during the calls (MB). */
  readonly growth: number;
}

const JOBS = 10;
const PAGE_BYTES = 10 * 1024 * 1024;
/**
 * The worker's byte budget, and half as much for parts that were read and are not collected yet: 82 to 137 MB were measured. Held in
 * memory as a whole, the pages with their text and JSON took 365 MB.
 */
const LIMIT_MEGABYTES = 192;

// Only Linux tells the peak memory of a process.
const testOnLinux = existsSync('/proc/self/status') ? test : test.skip;

testOnLinux(
  'ten results of 10 MB that are called back at once are not held in memory as a whole',
  async () => {
    let bytes = 0;
    const receiver = await startOrigin((req, res) => {
      req.on('data', (part: Buffer) => (bytes += part.length)).on('end', () => res.end());
    });
    const script = join(__dirname, 'memory', 'call-back.ts');
    const child = fork(script, [receiver.url, String(JOBS), String(PAGE_BYTES)], {
      execArgv: ['--require', 'tsx/cjs'],
    });
    const report = await new Promise<Report>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Report));
      child.once('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)));
    });
    expect(report.statuses).toEqual(Array.from({ length: JOBS }, () => 200));
    expect(bytes).toBeGreaterThan(JOBS * (PAGE_BYTES - 100));
    expect(report.growth).toBeLessThan(LIMIT_MEGABYTES);
  },
  60_000,
);
