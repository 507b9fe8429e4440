import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installPeers } from './install-peers';

/** A peer in a process of its own, warm from one run to the next, as everfetch is. */
export interface Peer {
  readonly pid: number;
  /** Fetches all URLs. @returns seconds from having the list to the last page */
  run(order: PeerOrder): Promise<number>;
  stop(): Promise<void>;
}

export interface PeerOrder {
  readonly urls: readonly string[];
  /** Files for the pages, one per URL, if the peer keeps them. */
  readonly paths: readonly string[];
}

/** @param env settings of the script, such as `BENCH_BULLMQ_CONCURRENCY` */
export async function startPeer(
  script: 'bullmq.mjs' | 'bare-loop.mjs',
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Peer> {
  const child = fork(join(__dirname, script), [installPeers().folder, ...args], {
    execArgv: [],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const message = async (): Promise<unknown> => {
    const ended = exited.then(() => Promise.reject(new Error(`${script} ended`)));
    const [first] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    return first;
  };
  await message(); // ready
  return {
    pid: child.pid ?? 0,
    async run(order) {
      const answered = message();
      child.send(order);
      return Number(await answered);
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
