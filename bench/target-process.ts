import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Visits } from './target';

export interface Target {
  readonly port: number;
  readonly pid: number;
  /** What came in for a run; forgets it. */
  visits(run: number): Promise<Visits>;
  stop(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const child = fork(join(__dirname, 'target.ts'), { execArgv: ['--require', 'tsx/cjs'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the target did not start'))),
  ])) as [number];
  return {
    port,
    pid: child.pid ?? 0,
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
