/* The web that is fetched: a process of its own, a bare TCP server, as light as it gets, so that the fetchers are measured. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { findFreePort } from '../src/embedded/ports';
import { FAILING_VISITS, GZIP_PAGES, HOSTS, MODES, PAGE_BYTES, isFailing, pageAt, writePage } from './page';
import type { Mode } from './page';

export interface Visits {
  readonly requests: number;
  readonly urls: number;
}

const gzipPages = Array.from({ length: GZIP_PAGES }, (_, index) => {
  const body = gzipSync(pageAt('gzip', 0, index));
  return Buffer.concat([Buffer.from(headOf(body.length, 'content-encoding: gzip\r\nvary: accept-encoding\r\n')), body]);
});
const plainHead = Buffer.from(headOf(PAGE_BYTES));
const unavailable = Buffer.from('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n');
const notFound = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');

/** Visits per URL of each run: one byte a URL, so that counting costs nothing. */
const visitsOfRun = new Map<number, Uint8Array>();

function headOf(bytes: number, more = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: ${bytes}\r\n${more}\r\n`;
}

function answer(mode: Mode, run: number, index: number): Buffer {
  const visits = visitsOfRun.get(run) ?? new Uint8Array(65_536);
  visitsOfRun.set(run, visits);
  const visit = (visits[index] = (visits[index] ?? 0) + 1);
  if (mode === 'failing' && visit <= FAILING_VISITS && isFailing(index)) return unavailable;
  if (mode === 'gzip') return gzipPages[index % GZIP_PAGES] ?? notFound;
  const message = Buffer.allocUnsafe(plainHead.length + PAGE_BYTES);
  plainHead.copy(message);
  writePage(message, plainHead.length, { mode, run, index });
  return message;
}

const REQUEST = /^GET \/([a-z]+)\/(\d+)\/(\d+) /;

function answerRequest(request: string): Buffer {
  const [, mode, run, index] = REQUEST.exec(request) ?? [];
  const known = MODES.find((name) => name === mode);
  return known === undefined ? notFound : answer(known, Number(run), Number(index));
}

/** Requests have no body here, so an empty line ends each. */
function serve(socket: Socket): void {
  let pending = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end !== -1; end = pending.indexOf('\r\n\r\n')) {
      socket.write(answerRequest(pending));
      pending = pending.slice(end + 4);
    }
  });
}

function visitsOf(run: number): Visits {
  const visits = visitsOfRun.get(run) ?? new Uint8Array();
  visitsOfRun.delete(run);
  return { requests: visits.reduce((sum, count) => sum + count, 0), urls: visits.filter((count) => count > 0).length };
}

async function main(): Promise<void> {
  const port = await findFreePort();
  for (const host of HOSTS) {
    const server = createServer(serve);
    server.listen(port, host, 1_024);
    await once(server, 'listening');
  }
  process.on('message', (run: number) => process.send?.(visitsOf(run)));
  process.once('disconnect', () => process.exit(0)); // never outlives the bench
  process.send?.(port);
}

void main();
