import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface UnreachableHosts {
  stop(): Promise<void>;
}

const BACKLOG = 1;
const PROGRAM = `
const { createServer } = require('node:net');
const [port, ...hosts] = process.argv.slice(1);
let left = hosts.length;
for (const host of hosts) createServer().listen({ port: Number(port), host, backlog: ${BACKLOG} }, () => --left || process.stdout.write('ready'));`;

/**
 * Plays addresses of loopback where a SYN gets no answer, as behind a firewall that drops packets: a process that listens there is stopped and its
 * backlog is full, so that the system drops what comes.
 */
export async function startUnreachableHosts(hosts: readonly string[], port: number): Promise<UnreachableHosts> {
  const child = spawn(process.execPath, ['-e', PROGRAM, String(port), ...hosts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const fillers: Socket[] = [];
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    for (const filler of fillers) filler.destroy();
  };
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      exited.then(() => Promise.reject(new Error('the unreachable hosts did not start'))),
    ]);
    child.kill('SIGSTOP');
    // The system accepts one more than the backlog.
    for (const host of hosts)
      for (let count = 0; count <= BACKLOG; count += 1) {
        const filler = connect({ host, port }).on('error', () => undefined);
        fillers.push(filler);
        await once(filler, 'connect');
      }
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
