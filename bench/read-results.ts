/* `GET /batches/:id/results` of a batch of 50,000 finished pages of 20 kB: without pages, and with them. */
import { join } from 'node:path';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { createDatabase } from '../src/store/database';
import { createLogger } from '../src/telemetry/logger';
import { startEmbeddedServers } from './embedded-servers';
import { reportFigures } from './figures';
import type { ReadResultsRound } from './figures';
import { fillBatch } from './filled-batch';
import { median } from './measure';
import { residentMb, watchResidentMb } from './processes';
import { runScript } from './run-script';
import { startServiceProcess } from './service-process';
import { readSettings } from './settings';

const MUST = { linesPerSecond: 5_000, mbPerSecond: 40, grownMb: 50, slowestPageMs: 200 };
const KEY = 'bench-key';
const NEWLINE = 10;

interface Read {
  readonly lines: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Reads a stream to its end and counts, without looking at what is in the lines. */
async function read(url: string): Promise<Read> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(url, { headers: { 'x-api-key': KEY, 'accept-encoding': 'identity' } });
  if (statusCode !== 200) throw new Error(`${url} was answered with ${statusCode}`);
  let lines = 0;
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) lines += 1;
  }
  return { lines, bytes, seconds: (performance.now() - startedAt) / 1_000 };
}

/** The cursor of a line that has this share of the lines before it. */
async function cursorAt(url: string, share: number): Promise<string> {
  const { body } = await request(url, { headers: { 'x-api-key': KEY, 'accept-encoding': 'identity' } });
  const lines = (await body.text()).split('\n');
  const { cursor } = JSON.parse(lines[Math.floor(lines.length * share)] ?? '') as { cursor: string };
  return cursor;
}

/** Reads the list of a batch page by page. @returns the longest time that a page took (ms) */
async function listPages(origin: string, first: string): Promise<number> {
  let slowestMs = 0;
  for (let next: string | undefined = first; next !== undefined;) {
    const startedAt = performance.now();
    const answer: Dispatcher.ResponseData = await request(origin + next, { headers: { 'x-api-key': KEY } });
    const { statusCode, headers, body } = answer;
    await body.dump();
    if (statusCode !== 200) throw new Error(`${next} was answered with ${statusCode}`);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    next = /^<(.+)>/.exec(String(headers['link'] ?? ''))?.[1];
  }
  return slowestMs;
}

async function main(): Promise<void> {
  const { urls: total, rounds: count } = readSettings();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const logger = createLogger('warn');
    const servers = await startEmbeddedServers(logger);
    closing.push(() => servers.stop());
    const service = await startServiceProcess(servers, { role: 'api', env: { API_KEY: KEY, LOG_LEVEL: 'warn' } });
    closing.push(() => service.stop());
    const database = createDatabase(servers.databaseUrl, { logger });
    closing.push(() => database.close());
    const id = await fillBatch(database, total, join(servers.dataDir, 'pages'));

    const results = `${service.url}/batches/${id}/results`;
    const plain = `${results}?fields=id,status,url,clientId`;
    // What comes first also makes the heap what it is in use.
    await read(plain);
    await read(`${results}?cursor=${await cursorAt(plain, 0.9)}`);
    const rounds: ReadResultsRound[] = [];
    for (let round = 1; round <= count; round += 1) {
      const beforeMb = residentMb(service.pid);
      const peakMb = watchResidentMb(service.pid);
      const [without, withPages] = [await read(plain), await read(results)];
      if (without.lines !== total || withPages.lines !== total)
        throw new Error(`${without.lines} and ${withPages.lines} lines came for ${total} results`);
      const figures = {
        linesPerSecond: without.lines / without.seconds,
        mbPerSecond: withPages.bytes / 1e6 / withPages.seconds,
        grownMb: peakMb() - beforeMb,
        slowestPageMs: await listPages(service.url, `/batches/${id}/jobs?limit=1000`),
      };
      console.log(
        `round ${round}: ${figures.linesPerSecond.toFixed(0)} lines/s without pages, ${figures.mbPerSecond.toFixed(0)} MB/s with (${(total / withPages.seconds).toFixed(0)} lines/s), memory ${beforeMb.toFixed(0)} MB + ${figures.grownMb.toFixed(0)} MB, slowest page of the list ${figures.slowestPageMs.toFixed(0)} ms`,
      );
      rounds.push(figures);
    }
    const middle = (pick: (round: ReadResultsRound) => number) => median(rounds.map(pick)).toFixed(0);
    console.log(
      `median of ${count}: ${middle((round) => round.linesPerSecond)} lines/s (must be at least ${MUST.linesPerSecond}), ${middle((round) => round.mbPerSecond)} MB/s (at least ${MUST.mbPerSecond}), + ${middle((round) => round.grownMb)} MB (at most ${MUST.grownMb}), ${middle((round) => round.slowestPageMs)} ms (at most ${MUST.slowestPageMs})`,
    );
    reportFigures('read-results', { results: total, rounds });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

runScript(main);
