import type { Worker } from 'node:worker_threads';
import { createConverter } from '../../src/convert/create-converter';

/** A test runs this as a process: one thread ends when it has nothing to do, and one is idle when the process is done. */
async function run(): Promise<void> {
  const read = async (text: string, idleMs: number): Promise<string> => {
    const page = { finalUrl: 'https://x.example/', headers: [], body: Buffer.from(`<p>${text}`) };
    const result = await createConverter({ idleMs }).convert(page, { format: 'text' });
    return result.kind === 'converted' ? result.body.toString() : result.kind;
  };
  // The loader of these sources may have a thread of its own, which does not end.
  const ended = new Promise<string>((resolve) => {
    process.on('worker', (thread: Worker) => {
      thread.once('exit', () => {
        clearInterval(waiting);
        resolve('ended');
      });
    });
  });
  const waiting = setInterval(() => undefined, 1_000); // The thread itself does not keep the process alive.
  process.stdout.write([await read('a', 1), await ended, await read('b', 600_000)].join(', '));
  process.disconnect();
}

void run();
