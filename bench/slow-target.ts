/* The web as it is: hundreds of hosts, each answer of 20 kB after half a second or more. A process of its own, a bare TCP server. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { findFreePort } from '../src/embedded/ports';
import { PAGE_BYTES, writePage } from './page';
import { SLOW_HOSTS, delayMsOf } from './slow-web';

const head = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: ${PAGE_BYTES}\r\n\r\n`,
);
/** Visits per URL of each run: one byte a URL. */
const visitsOfRun = new Map<number, Uint8Array>();

const REQUEST = /^GET \/plain\/(\d+)\/(\d+) /;

function answer(socket: Socket, run: number, index: number): void {
  const message = Buffer.allocUnsafe(head.length + PAGE_BYTES);
  head.copy(message);
  writePage(message, head.length, { mode: 'plain', run, index });
  if (!socket.destroyed) socket.write(message);
}

/** Requests have no body here, so an empty line ends each. */
function serve(socket: Socket): void {
  let pending = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end !== -1; end = pending.indexOf('\r\n\r\n')) {
      const [run, index] = (REQUEST.exec(pending) ?? []).slice(1).map(Number);
      pending = pending.slice(end + 4);
      if (run === undefined || index === undefined) return void socket.destroy();
      const visits = visitsOfRun.get(run) ?? new Uint8Array(65_536);
      visitsOfRun.set(run, visits);
      visits[index] = (visits[index] ?? 0) + 1;
      setTimeout(answer, delayMsOf(index), socket, run, index);
    }
  });
}

function visitsOf(run: number) {
  const visits = visitsOfRun.get(run) ?? new Uint8Array();
  visitsOfRun.delete(run);
  return { requests: visits.reduce((sum, count) => sum + count, 0), urls: visits.filter((count) => count > 0).length };
}

async function main(): Promise<void> {
  const port = await findFreePort();
  for (const host of SLOW_HOSTS) {
    const server = createServer(serve);
    server.listen(port, host, 1_024);
    await once(server, 'listening');
  }
  process.on('message', (run: number) => process.send?.(visitsOf(run)));
  process.once('disconnect', () => process.exit(0)); // never outlives the bench
  process.send?.(port);
}

void main();
