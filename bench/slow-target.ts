/* The web as it is: hundreds of hosts, each answer of 20 kB after half a second or more. A process of its own, a bare TCP server. */
import type { Socket } from 'node:net';
import { PAGE_BYTES, writePage } from './page';
import { delayMsOf, fateOf, loopbackHosts } from './slow-web';
import type { SlowWeb } from './slow-web';
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

/** @default the 500 hosts of one block */
const { blocks = [0], hosts = 500, hasDeadHosts = false } = JSON.parse(process.argv[2] ?? '{}') as SlowWeb;
const DRIP_MS = 1_000;

function drip(socket: Socket): void {
  socket.write(pageHead);
  const timer = setInterval(() => socket.write('a'), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

/** Hosts that accept connections; the others are left to the system, which refuses, or to whoever plays them. */
const isListening = (hostIndex: number) => !hasDeadHosts || !['refuses', 'unreachable'].includes(fateOf(hostIndex));

const listening = blocks.flatMap((block) => loopbackHosts(hosts, block).filter((_, index) => isListening(index)));
void serveTarget(listening, (socket, head) => {
  const [run, index] = (REQUEST.exec(head) ?? []).slice(1).map(Number);
  if (run === undefined || index === undefined) return void socket.destroy();
  countVisit(run, index);
  const fate = hasDeadHosts ? fateOf(index % hosts) : 'answers';
  if (fate === 'answers') setTimeout(answer, delayMsOf(index), socket, run, index);
  else if (fate === 'drips') drip(socket);
});
