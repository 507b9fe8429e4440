import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createEgressProxy } from '../../src/fetch/egress/egress-proxy';
import type { EgressAddress } from '../../src/fetch/egress/egress-proxy';
import { createFetcher } from '../../src/fetch/create-fetcher';
import { createGuard } from '../../src/net/guard';
import { presentResponse } from '../../src/pages/present-response';
import { requestOf } from '../fetch/request-of';
import { createRandom } from '../crash/random';
import { mutated, pagesIn } from './mutations';

export interface FuzzReport {
  readonly responses: number;
  /** How many outcomes of each kind there were. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Pages that could be told by what they hold. */
  readonly marked: number;
  /** What must not happen: another's page, an error that is no outcome, a fetch that does not end. */
  readonly findings: readonly string[];
}

const ALL_AT_ONCE = 16;
const ATTEMPT_TIMEOUT_MS = 1_000;

/** Fetches mutated responses from a server on loopback, whose connections stay open where the response lets them: GETs and POSTs mixed. */
export async function runFuzz({
  responses,
  seed,
}: {
  readonly responses: number;
  readonly seed: number;
}): Promise<FuzzReport> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const page = Number(/ \/(\d+)/.exec(received)?.[1] ?? -1);
        const length = Number(/\ncontent-length: *(\d+)/i.exec(received.slice(0, end))?.[1] ?? 0);
        received = received.slice(end + 4 + length);
        const random = createRandom(seed + page);
        socket.write(page === -1 ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' : mutated(page, random));
        // Half of them close; of the others some wait for more than will ever come.
        if (page === -1 || random() < 0.9) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  const guard = createGuard(['127.0.0.1']);
  const egress = await createEgressProxy({ guard });
  const fetcher = createFetcher({ guard, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS });
  // One connection that stays, as a browser's do: where one answer ends and the next begins has to be right.
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const address = egress.addressFor(undefined);
  const outcomes: Record<string, number> = {};
  const findings: string[] = [];
  let marked = 0;

  const check = (page: number, text: string): void => {
    const pages = pagesIn(text);
    if (pages.length > 0) marked += 1;
    for (const other of pages) if (other !== page) findings.push(`page ${page} holds page ${other}`);
  };

  const passOne = async (page: number): Promise<void> => {
    const seen = await throughEgress(agent, address, `http://127.0.0.1:${port}/${page}`);
    const kind = typeof seen === 'string' ? 'forwarded' : seen.kind;
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    if (typeof seen === 'string') check(page, seen);
    else if (seen.kind === 'not standard') findings.push(`page ${page} left the egress proxy as no HTTP: ${seen.code}`);
  };

  const fetchOne = async (page: number): Promise<void> => {
    const method = page % 4 === 0 ? 'POST' : 'GET';
    const { signal } = new AbortController();
    const outcome = await fetcher.fetchPage(requestOf(`http://127.0.0.1:${port}/${page}`, { method }), {
      attempt: 1,
      signal,
    });
    outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
    if (outcome.kind !== 'page') return;
    const { finalUrl: targetUri, statusCode, headers, body } = outcome.page;
    const record = { targetUri, statusCode, headers, body };
    const shown = await presentResponse({ record, isBinaryTarget: false, withBody: true, maxBytes: 1_000_000 });
    outcome.page.release();
    check(page, String(shown.body));
  };

  let next = 0;
  const work = async (): Promise<void> => {
    while (next < responses) {
      const page = next;
      next += 1;
      await (page % 5 === 1 ? passOne : fetchOne)(page).catch((error: unknown) =>
        findings.push(`page ${page}: ${String(error)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: ALL_AT_ONCE }, work));
  if (fetcher.inFlight !== 0 || fetcher.hostsInFlight !== 0) findings.push(`${fetcher.inFlight} fetches did not end`);
  if (fetcher.bytesInFlight !== 0) findings.push(`${fetcher.bytesInFlight} bytes are still claimed`);
  agent.destroy();
  await fetcher.close();
  await egress.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return { responses, outcomes, marked, findings };
}

type Unforwarded = { readonly kind: 'cut' } | { readonly kind: 'not standard'; readonly code: string };

/** The body as the egress proxy passes it on to a strict client. */
function throughEgress(
  agent: Agent,
  { server, username, password }: EgressAddress,
  url: string,
): Promise<string | Unforwarded> {
  const { hostname, port } = new URL(server);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return new Promise((resolve) => {
    const headers = { 'proxy-authorization': authorization };
    const sent = request({ agent, hostname, port, path: url, headers, maxHeaderSize: 300_000 }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('error', () => resolve({ kind: 'cut' }));
      res.on('end', () => resolve(Buffer.concat(parts).toString('latin1')));
    });
    sent.setTimeout(ATTEMPT_TIMEOUT_MS, () => sent.destroy());
    sent.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
      resolve(code.startsWith('HPE') ? { kind: 'not standard', code } : { kind: 'cut' }),
    );
    sent.end();
  });
}
