/* The web as it is: hundreds of hosts, each answer of 20 kB after half a second or more. A process of its own, a bare TCP server. */
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { makeCertificate } from '../test/support/tls/make-certificate';
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
const { blocks = [0], hosts = 500, hasDeadHosts = false, tls } = JSON.parse(process.argv[2] ?? '{}') as SlowWeb;
const DRIP_MS = 1_000;

function drip(socket: Socket): void {
  socket.write(pageHead);
  const timer = setInterval(() => socket.write('a'), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

/** Hosts that accept connections; the others are left to the system, which refuses, or to whoever plays them. */
const isListening = (hostIndex: number) => !hasDeadHosts || !['refuses', 'unreachable'].includes(fateOf(hostIndex));

const listening = blocks.flatMap((block) => loopbackHosts(hosts, block).filter((_, index) => isListening(index)));
function answerRequest(socket: Socket, head: string): void {
  const [run, index] = (REQUEST.exec(head) ?? []).slice(1).map(Number);
  if (run === undefined || index === undefined) return void socket.destroy();
  countVisit(run, index);
  const fate = hasDeadHosts ? fateOf(index % hosts) : 'answers';
  if (fate === 'answers') setTimeout(answer, delayMsOf(index), socket, run, index);
  else if (fate === 'drips') drip(socket);
}

/** Each host has a certificate of its own, as on the web. */
function authorityOf({ maxVersion, authorityPath }: NonNullable<SlowWeb['tls']>): (host: string) => TlsOptions {
  const authority = makeCertificate({ name: 'Authority of the bench', isAuthority: true });
  writeFileSync(authorityPath, authority.pem);
  return (host) => {
    const { pem, keyPem } = makeCertificate({ name: host, hosts: [host], issuer: authority });
    return { cert: pem, key: keyPem, maxVersion };
  };
}

void serveTarget(listening, answerRequest, tls && authorityOf(tls));
