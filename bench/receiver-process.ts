import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Received, ReceiverQuestion } from './receiver';

export interface Receiver {
  readonly url: string;
  readonly pid: number;
  /** What has arrived for a batch. */
  received(question: ReceiverQuestion): Promise<Received>;
  /** Resolves when every job of the batch has been called back. @throws when nothing arrives any more */
  untilAllCalled(question: ReceiverQuestion): Promise<void>;
  stop(): Promise<void>;
}

const POLL_EVERY_MS = 100;
/** Longer than the second wait before a failed call is repeated, so that a single failure does not end the bench. */
const STUCK_AFTER_MS = 120_000;

export async function startReceiver(): Promise<Receiver> {
  const child = fork(join(__dirname, 'receiver.ts'), { execArgv: ['--require', 'tsx/cjs'] });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the receiver did not start'))),
  ])) as [number];
  const received = async (question: ReceiverQuestion): Promise<Received> => {
    const answered = once(child, 'message');
    child.send(question);
    const [answer] = (await answered) as [Received];
    return answer;
  };
  return {
    url: `http://127.0.0.1:${port}/hook`,
    pid: child.pid ?? 0,
    received,
    async untilAllCalled(question) {
      let progressAt = Date.now();
      for (let last = -1; ; await sleep(POLL_EVERY_MS)) {
        const { calls, missing } = await received(question);
        if (missing === 0) return;
        if (calls > last) progressAt = Date.now();
        if (Date.now() - progressAt > STUCK_AFTER_MS)
          throw new Error(`${missing} of ${question.count} jobs were not called back`);
        last = calls;
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
