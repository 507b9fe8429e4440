import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface PacedTarget {
  readonly port: number;
  /** When requests arrived, by the target's own clock, ms; and what they were for. */
  arrivals(): Promise<
    readonly { readonly atMs: number; readonly host: string; readonly url: string; readonly statusCode: number }[]
  >;
  /** Answers everything with 429 for that time (ms), and asks for a rest that long. */
  tire(ms: number): Promise<void>;
  readonly connections: () => Promise<number>;
  close(): Promise<void>;
}

/** In a thread of its own: its clock must not depend on how busy the workers of the test are. */
const SOURCE = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const arrivals = [];
let connections = 0;
let tiredUntilMs = 0;
const server = createServer((req, res) => {
  const atMs = performance.now();
  const isTired = atMs < tiredUntilMs;
  const statusCode = isTired ? 429 : 200;
  arrivals.push({ atMs, host: req.headers.host.replace(/:.*/, ''), url: req.url, statusCode });
  if (isTired) res.writeHead(429, { 'retry-after': String(Math.ceil((tiredUntilMs - atMs) / 1000)) }).end();
  else if (req.url === '/robots.txt') res.writeHead(200, { 'content-type': 'text/plain' }).end('User-agent: *\\nDisallow: /private');
  else res.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title><p>' + 'A page with some words. '.repeat(20));
});
server.on('connection', () => (connections += 1));
parentPort.on('message', ({ tireMs }) => {
  if (tireMs !== undefined) tiredUntilMs = performance.now() + tireMs;
  parentPort.postMessage({ arrivals, connections });
});
server.listen(0, () => parentPort.postMessage({ port: server.address().port }));
`;

interface Told {
  readonly arrivals: Awaited<ReturnType<PacedTarget['arrivals']>>;
  readonly connections: number;
}

/** A site on loopback, under both `127.0.0.1` and `localhost`. */
export async function startPacedTarget(): Promise<PacedTarget> {
  const thread = new Worker(SOURCE, { eval: true });
  const [{ port }] = (await once(thread, 'message')) as [{ port: number }];
  const ask = async (question: { readonly tireMs?: number }): Promise<Told> => {
    const answer = once(thread, 'message');
    thread.postMessage(question);
    const [told] = (await answer) as [Told];
    return told;
  };
  return {
    port,
    arrivals: async () => (await ask({})).arrivals,
    connections: async () => (await ask({})).connections,
    tire: async (tireMs) => void (await ask({ tireMs })),
    close: async () => void (await thread.terminate()),
  };
}
