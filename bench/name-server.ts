import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface SlowNameServer {
  /** For `DNS_SERVERS`. */
  readonly address: string;
  /** How many questions came in since the last call. */
  questions(): Promise<number>;
  stop(): Promise<void>;
}

/** @param delayMs time until each answer */
export async function startSlowNameServer(delayMs: number): Promise<SlowNameServer> {
  const script = join(__dirname, 'name-server-process.ts');
  const child = fork(script, [String(delayMs)], { execArgv: ['--require', 'tsx/cjs'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the name server did not start'))),
  ])) as [number];
  return {
    address: `127.0.0.1:${port}`,
    async questions() {
      const answered = once(child, 'message');
      child.send('questions');
      const [count] = (await answered) as [number];
      return count;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
