import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(__dirname, '../../scripts/httpbin.mjs');

export interface Httpbin {
  readonly url: string;
  stop(): Promise<void>;
}

/** Undefined where Python is missing, which it says. The first time it is installed, from PyPI. */
export async function startHttpbin(): Promise<Httpbin | undefined> {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line = ''] = (await Promise.race([once(lines, 'line'), exited.then(() => [])])) as readonly string[];
  if (line.startsWith('skipped: ')) {
    process.stderr.write(`tests with httpbin ${line}\n`);
    return undefined;
  }
  if (!line.startsWith('http://')) throw new Error('scripts/httpbin.mjs has failed');
  return {
    url: line,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
