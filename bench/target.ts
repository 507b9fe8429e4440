/* The web that is fetched: a process of its own, a bare TCP server, as light as it gets, so that the fetchers are measured. */
import { gzipSync } from 'node:zlib';
import { FAILING_VISITS, GZIP_PAGES, HOSTS, MODES, PAGE_BYTES, isFailing, pageAt, writePage } from './page';
import type { Mode } from './page';
import { countVisit, serveTarget } from './target-server';

const gzipPages = Array.from({ length: GZIP_PAGES }, (_, index) => {
  const body = gzipSync(pageAt('gzip', 0, index));
  return Buffer.concat([Buffer.from(headOf(body.length, 'content-encoding: gzip\r\nvary: accept-encoding\r\n')), body]);
});
const plainHead = Buffer.from(headOf(PAGE_BYTES));
const unavailable = Buffer.from('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n');
const notFound = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');

function headOf(bytes: number, more = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: ${bytes}\r\n${more}\r\n`;
}

function answer(mode: Mode, run: number, index: number): Buffer {
  const visit = countVisit(run, index);
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

void serveTarget(HOSTS, (socket, head) => void socket.write(answerRequest(head)));
