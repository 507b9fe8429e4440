import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageTarget {
  readonly urls: readonly string[];
  /** What a page of `urls[index]` has to be. */
  pageOf(index: number): string;
  /** Requests that have arrived for `urls[index]`. */
  visitsOf(index: number): number;
  /** Fetches of a page when nothing goes wrong: 1, or 3 for the pages in trouble. */
  neededVisitsOf(index: number): number;
  /** Visits beyond the needed ones, over all pages. */
  refetched(): number;
  /** Pages that were answered less often than it takes to get them: an everfetch that has them did not get them here. */
  underfetched(): number;
  close(): Promise<void>;
}

export interface PageTargetOptions {
  readonly pages: number;
  readonly random: () => number;
  /** Answers come after 0 to this many ms, so that a kill meets fetches in flight. */
  readonly slowestMs: number;
}

/** One page in so many, 5 %, answers 503 to the first two visits. */
const TROUBLED_EVERY = 20;
const REFUSALS = 2;

/** A site on loopback that counts the visits of every page. The pages differ, by their path. */
export async function startPageTarget({ pages, random, slowestMs }: PageTargetOptions): Promise<PageTarget> {
  const visits = new Array<number>(pages).fill(0);
  const server = createServer((req, res) => {
    const index = Number(/^\/page\/(\d+)$/.exec(req.url ?? '')?.[1] ?? Number.NaN);
    const visit = (visits[index] = (visits[index] ?? Number.NaN) + 1);
    if (Number.isNaN(visit)) return res.writeHead(404).end();
    setTimeout(() => {
      if (isTroubled(index) && visit <= REFUSALS) res.writeHead(503, { 'retry-after': '1' }).end('later');
      else res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageOf(index));
    }, random() * slowestMs);
    return undefined;
  });
  server.keepAliveTimeout = 300_000; // a connection that we close while a request is on its way would count as a failed fetch
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const beyond = () => visits.map((count, index) => count - neededVisitsOf(index));
  return {
    urls: visits.map((_, index) => `http://127.0.0.1:${port}/page/${index}`),
    pageOf,
    visitsOf: (index) => visits[index] ?? 0,
    neededVisitsOf,
    refetched: () => beyond().reduce((sum, count) => sum + Math.max(count, 0), 0),
    underfetched: () => beyond().filter((count) => count < 0).length,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const isTroubled = (index: number): boolean => index % TROUBLED_EVERY === TROUBLED_EVERY / 2;

const neededVisitsOf = (index: number): number => (isTroubled(index) ? REFUSALS + 1 : 1);

/** 2 to 6 kB, no two alike, so that a page which is cut off, mixed up or another one's is seen. */
function pageOf(index: number): string {
  const lines = Array.from({ length: 30 + (index % 60) }, (_, line) =>
    createHash('sha256').update(`${index}/${line}`).digest('hex'),
  );
  return `<!doctype html><title>Page ${index}</title>\n<p>Größe ${index}\n${lines.join('\n')}\n`;
}
