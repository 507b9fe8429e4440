import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { urlsOf } from './page';
import type { Mode } from './page';
import { slowUrls } from './slow-web';
import type { Visits } from './target-server';

export interface Target {
  readonly pid: number;
  /** The URLs of a run, in the same order at each call. */
  urlsOf(mode: Mode, run: number, count: number): string[];
  /** What came in for a run; forgets it. */
  visits(run: number): Promise<Visits>;
  stop(): Promise<void>;
}

/** @param isSlow answers as real sites do, from 500 hosts and after half a second and more; plain pages only */
export async function startTarget({ isSlow = false } = {}): Promise<Target> {
  const child = fork(join(__dirname, isSlow ? 'slow-target.ts' : 'target.ts'), { execArgv: ['--require', 'tsx/cjs'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the target did not start'))),
  ])) as [number];
  return {
    pid: child.pid ?? 0,
    urlsOf: (mode, run, count) => (isSlow ? slowUrls(port, run, count) : urlsOf(port, mode, run, count)),
    async visits(run) {
      const answered = once(child, 'message');
      child.send(run);
      const [visits] = (await answered) as [Visits];
      return visits;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
