/* The receiver of callbacks: a process of its own, a bare TCP server, as light as it gets, so that the sender is measured. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { findFreePort } from '../src/embedded/ports';
import { percentile } from './measure';

export interface ReceiverQuestion {
  readonly batchId: string;
  /** Jobs of the batch. */
  readonly count: number;
}

export interface Received {
  readonly calls: number;
  /** Jobs of the batch that were not called back. */
  readonly missing: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Time from `finishedAt` to the arrival of the last byte; 0 while calls are missing, because sorting costs something. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface BatchCalls {
  /** Keyed by the place that the id tells, so that the id itself need not be kept. */
  readonly callsOfPlace: Uint16Array;
  readonly delaysMs: number[];
  readonly firstAtMs: number;
  lastAtMs: number;
}

const ok = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
const badRequest = Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const ID = Buffer.from('{"id":"');
const FINISHED_AT = Buffer.from('"finishedAt":"');
const UUID_LENGTH = 36;
const TIME_LENGTH = '2026-03-02T09:30:04.512Z'.length;

/** Keyed by the part that all ids of a batch share. */
const batches = new Map<string, BatchCalls>();

const sharedPart = (id: string): string => id.slice(0, -4);

/** Looks for two fields where the job object has them, at its beginning and at its end, and parses nothing else. */
function note(body: Buffer): boolean {
  const finishedAt = body.lastIndexOf(FINISHED_AT) + FINISHED_AT.length;
  if (!body.subarray(0, ID.length).equals(ID) || finishedAt < FINISHED_AT.length) return false;
  const now = Date.now();
  const id = body.toString('latin1', ID.length, ID.length + UUID_LENGTH);
  const batch = batches.get(sharedPart(id)) ?? {
    callsOfPlace: new Uint16Array(65_536),
    delaysMs: [],
    firstAtMs: now,
    lastAtMs: now,
  };
  batches.set(sharedPart(id), batch);
  const place = Number.parseInt(id.slice(-4), 16);
  batch.callsOfPlace[place] = (batch.callsOfPlace[place] ?? 0) + 1;
  batch.delaysMs.push(now - Date.parse(body.toString('latin1', finishedAt, finishedAt + TIME_LENGTH)));
  batch.lastAtMs = now;
  return true;
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  let bodyStart = 0;
  let end = 0; // of the request that is coming in; 0 until its head is there
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      if (end === 0) {
        const headEnd = pending.indexOf(HEAD_END);
        if (headEnd === -1) return;
        bodyStart = headEnd + HEAD_END.length;
        end = bodyStart + Number(CONTENT_LENGTH.exec(pending.toString('latin1', 0, headEnd))?.[1] ?? 0);
      }
      if (pending.length < end) return;
      socket.write(note(pending.subarray(bodyStart, end)) ? ok : badRequest);
      pending = pending.subarray(end);
      end = 0;
    }
  });
}

function receivedOf({ batchId, count }: ReceiverQuestion): Received {
  const batch = batches.get(sharedPart(batchId));
  if (batch === undefined) return { calls: 0, missing: count, firstAtMs: 0, lastAtMs: 0, p50Ms: 0, p99Ms: 0 };
  const { callsOfPlace, delaysMs, firstAtMs, lastAtMs } = batch;
  const missing = callsOfPlace.subarray(1, count + 1).filter((calls) => calls === 0).length;
  const delay = (share: number) => (missing === 0 ? percentile(delaysMs, share) : 0);
  return { calls: delaysMs.length, missing, firstAtMs, lastAtMs, p50Ms: delay(0.5), p99Ms: delay(0.99) };
}

async function main(): Promise<void> {
  const port = await findFreePort();
  const server = createServer(serve);
  server.listen(port, '127.0.0.1', 1_024);
  await once(server, 'listening');
  process.on('message', (question: ReceiverQuestion) => process.send?.(receivedOf(question)));
  process.once('disconnect', () => process.exit(0)); // never outlives the bench
  process.send?.(port);
}

void main();
