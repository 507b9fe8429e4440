import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { findFreePort } from '../src/embedded/ports';

export interface Visits {
  readonly requests: number;
  readonly urls: number;
}

/** Visits per URL of each run: one byte a URL, so that counting costs nothing. */
const visitsOfRun = new Map<number, Uint8Array>();

/** Counts one more visit of a URL. @returns how many there have been */
export function countVisit(run: number, index: number): number {
  const visits = visitsOfRun.get(run) ?? new Uint8Array(65_536);
  visitsOfRun.set(run, visits);
  return (visits[index] = (visits[index] ?? 0) + 1);
}

function takeVisits(run: number): Visits {
  const visits = visitsOfRun.get(run) ?? new Uint8Array();
  visitsOfRun.delete(run);
  return { requests: visits.reduce((sum, count) => sum + count, 0), urls: visits.filter((count) => count > 0).length };
}

/**
 * Serves all hosts on one free port, which it tells the parent process, and tells it on request what came in for a run.
 * @param answer is called with the head of each request. Requests have no body here, so an empty line ends each.
 */
export async function serveTarget(
  hosts: readonly string[],
  answer: (socket: Socket, head: string) => void,
): Promise<void> {
  const port = await findFreePort();
  for (const host of hosts) {
    const server = createServer((socket) => serve(socket, answer));
    server.listen(port, host, 1_024);
    await once(server, 'listening');
  }
  process.on('message', (run: number) => process.send?.(takeVisits(run)));
  process.once('disconnect', () => process.exit(0)); // never outlives the bench
  process.send?.(port);
}

function serve(socket: Socket, answer: (socket: Socket, head: string) => void): void {
  let pending = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end !== -1; end = pending.indexOf('\r\n\r\n')) {
      answer(socket, pending);
      pending = pending.slice(end + 4);
    }
  });
}
