import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  /** Characters that came out of the pages. */
  readonly small: number;
  readonly large: number;
  /** How much higher the peak of the process is after the large pages than after the small ones, in MB. */
  readonly growth: number;
}

const SMALL_MEGABYTES = 4;
const ROUNDS = 8;
const LARGE_MEGABYTES = 40;

// Only Linux tells the peak of a process.
const testOnLinux = existsSync('/proc/self/status') ? test : test.skip;

testOnLinux(
  'a page of 40 MB takes no more memory than one of 4 MB',
  async () => {
    const script = join(__dirname, 'memory', 'stream-pages.ts');
    const execArgv = ['--require', 'tsx/cjs', '--expose-gc'];
    const child = fork(script, [SMALL_MEGABYTES, ROUNDS, LARGE_MEGABYTES].map(String), { execArgv });
    const report = await new Promise<Report>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Report));
      child.once('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)));
    });
    expect(report.large / report.small).toBeCloseTo(LARGE_MEGABYTES / SMALL_MEGABYTES, 3);
    expect(report.growth).toBeLessThan(8);
  },
  60_000,
);
