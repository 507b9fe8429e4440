/* The web as it is: hundreds of hosts, each answer of 20 kB after half a second or more. A process of its own, a bare TCP server. */
import type { Socket } from 'node:net';
import { PAGE_BYTES, writePage } from './page';
import { SLOW_HOSTS, delayMsOf } from './slow-web';
import { countVisit, serveTarget } from './target-server';

const pageHead = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: ${PAGE_BYTES}\r\n\r\n`,
);

const REQUEST = /^GET \/plain\/(\d+)\/(\d+) /;

function answer(socket: Socket, run: number, index: number): void {
  const message = Buffer.allocUnsafe(pageHead.length + PAGE_BYTES);
  pageHead.copy(message);
  writePage(message, pageHead.length, { mode: 'plain', run, index });
  if (!socket.destroyed) socket.write(message);
}

void serveTarget(SLOW_HOSTS, (socket, head) => {
  const [run, index] = (REQUEST.exec(head) ?? []).slice(1).map(Number);
  if (run === undefined || index === undefined) return void socket.destroy();
  countVisit(run, index);
  setTimeout(answer, delayMsOf(index), socket, run, index);
});
