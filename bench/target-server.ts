import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { findFreePort } from '../src/embedded/ports';

export interface Visits {
  readonly requests: number;
  readonly urls: number;
}

/** TLS handshakes since they were last asked for. */
export interface Handshakes {
  readonly full: number;
  readonly resumed: number;
}

let handshakes: Handshakes = { full: 0, resumed: 0 };

function takeHandshakes(): Handshakes {
  const taken = handshakes;
  handshakes = { full: 0, resumed: 0 };
  return taken;
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
 * @param tlsOf the options of a host that speaks TLS
 */
export async function serveTarget(
  hosts: readonly string[],
  answer: (socket: Socket, head: string) => void,
  tlsOf?: (host: string) => TlsOptions,
): Promise<void> {
  const port = await findFreePort();
  for (const host of hosts) {
    const server =
      tlsOf === undefined
        ? createServer((socket) => serve(socket, answer))
        : createTlsServer(tlsOf(host), (socket) => {
            const { full, resumed } = handshakes;
            handshakes = socket.isSessionReused() ? { full, resumed: resumed + 1 } : { full: full + 1, resumed };
            serve(socket, answer);
          });
    server.listen(port, host, 1_024);
    await once(server, 'listening');
  }
  process.on('message', (asked: number | 'handshakes') =>
    process.send?.(asked === 'handshakes' ? takeHandshakes() : takeVisits(asked)),
  );
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
