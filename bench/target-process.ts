import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { urlsOf } from './page';
import type { Mode } from './page';
import { slowUrls } from './slow-web';
import type { SlowWeb } from './slow-web';
import type { Handshakes, Visits } from './target-server';

export interface Target {
  readonly pid: number;
  /** The same of all hosts. */
  readonly port: number;
  /** The URLs of a run, in the same order at each call. */
  urlsOf(mode: Mode, run: number, count: number): string[];
  /** What came in for a run; forgets it. */
  visits(run: number): Promise<Visits>;
  /** TLS handshakes since the last call. */
  handshakes(): Promise<Handshakes>;
  stop(): Promise<void>;
}

export interface TargetOptions {
  /** Answers as real sites do, after half a second and more; plain pages only. `true` means 500 hosts. */
  readonly isSlow?: boolean | SlowWeb;
}

export async function startTarget({ isSlow = false }: TargetOptions = {}): Promise<Target> {
  const args = typeof isSlow === 'object' ? [JSON.stringify(isSlow)] : [];
  const script = join(__dirname, isSlow === false ? 'target.ts' : 'slow-target.ts');
  const child = fork(script, args, { execArgv: ['--require', 'tsx/cjs'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the target did not start'))),
  ])) as [number];
  const ask = async (what: number | 'handshakes'): Promise<unknown> => {
    const answered = once(child, 'message');
    child.send(what);
    const [said] = (await answered) as [unknown];
    return said;
  };
  const isTls = typeof isSlow === 'object' && isSlow.tls !== undefined;
  return {
    pid: child.pid ?? 0,
    port,
    urlsOf: (mode, run, count) =>
      isSlow === false ? urlsOf(port, mode, run, count) : slowUrls(port, run, count, isTls),
    visits: async (run) => (await ask(run)) as Visits,
    handshakes: async () => (await ask('handshakes')) as Handshakes,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
