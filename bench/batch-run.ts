import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Mode } from './page';
import { FAILING_VISITS, failingAmong, pageAt } from './page';
import { API_KEY } from './embedded-service';
import type { Service } from './embedded-service';
import type { Target } from './target-process';

/** One batch, or one run of a peer. */
export interface RunOrder {
  readonly mode: Mode;
  readonly run: number;
  readonly count: number;
}

export interface BatchOrder {
  readonly mode: Mode;
  /** One batch each: the number is in its URLs. */
  readonly runs: readonly number[];
  /** URLs per batch. */
  readonly count: number;
  /** Receiver that is called back for each URL. */
  readonly callbackUrl?: string;
}

export interface FinishedBatches extends BatchOrder {
  /** When the first byte was sent, ms since the epoch. */
  readonly submittedAtMs: number;
  readonly urlsPerSecond: number;
  readonly submitted: readonly Submitted[];
}

interface Submitted {
  readonly batchId: string;
  readonly answer: Buffer;
}

const SAMPLE = 50;
/** A batch that makes no progress for so long is a failed run. */
const STUCK_AFTER_MS = 120_000;

/** Submits over HTTP and polls until all are finished: from the first byte sent to the last answer that says `finished`. */
export async function runBatches(service: Service, target: Target, order: BatchOrder): Promise<FinishedBatches> {
  const { runs, count } = order;
  const bodies = bodiesOf(target, order);
  const submittedAtMs = Date.now();
  const startedAt = process.hrtime.bigint();
  const submitted = await Promise.all(
    bodies.map(async (body) => {
      const one = await submit(service, body);
      await untilFinished(service, one.batchId, count);
      return one;
    }),
  );
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  return { ...order, submittedAtMs, urlsPerSecond: (count * runs.length) / seconds, submitted };
}

/** Submits and leaves the batches to themselves. @returns their ids */
export async function submitBatches(service: Service, target: Target, order: BatchOrder): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const body of bodiesOf(target, order)) ids.push((await submit(service, body)).batchId);
  return ids;
}

function bodiesOf(target: Target, { mode, runs, count, callbackUrl }: BatchOrder): string[] {
  const callback = callbackUrl === undefined ? undefined : { type: 'webhook', url: callbackUrl };
  return runs.map((run) => JSON.stringify({ apiKey: API_KEY, urls: target.urlsOf(mode, run, count), callback }));
}

/**
 * Reads pages of each batch back and counts what the target saw.
 * @returns fetches beyond those that the target made necessary
 */
export async function verifyBatches(service: Service, target: Target, batches: FinishedBatches): Promise<number> {
  let refetches = 0;
  for (const [index, { answer }] of batches.submitted.entries()) {
    const order = { mode: batches.mode, run: batches.runs[index] ?? 0, count: batches.count };
    await verifyPages(service, answer, order);
    refetches += await refetchesOf(target, order);
  }
  return refetches;
}

/** The answer is read but not parsed: the client shares the cores with what is measured. */
async function submit({ origin }: Service, body: string): Promise<Submitted> {
  const { statusCode, headers, body: answer } = await request(`${origin}/batchjobs`, { method: 'POST', body });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const batchId = headers['x-batch-id'];
  if (statusCode !== 200 || typeof batchId !== 'string')
    throw new Error(`POST /batchjobs answered ${statusCode}: ${bytes.toString('utf8', 0, 500)}`);
  return { batchId, answer: bytes };
}

async function untilFinished({ origin }: Service, batchId: string, count: number): Promise<void> {
  const everyMs = count > 2_000 ? 100 : 20; // a small batch takes less than a second: 100 ms would be a part of it
  let progressAt = Date.now();
  for (let last = -1; ;) {
    const { body } = await request(`${origin}/batches/${batchId}`, { headers: { 'x-api-key': API_KEY } });
    const { status, counts } = (await body.json()) as { status: string; counts: Record<string, number> };
    const { finished = 0, total } = counts;
    if (status !== 'running') {
      if (status === 'finished' && finished === count && total === count) return;
      throw new Error(`the batch ended as ${status}: ${JSON.stringify(counts)}`);
    }
    if (finished > last) progressAt = Date.now();
    if (Date.now() - progressAt > STUCK_AFTER_MS) throw new Error(`the batch is stuck: ${JSON.stringify(counts)}`);
    last = finished;
    await sleep(everyMs);
  }
}

/** Reads a sample back through the API, byte for byte what the target serves. */
async function verifyPages({ origin }: Service, answer: Buffer, { mode, run, count }: RunOrder): Promise<void> {
  const jobs = JSON.parse(answer.toString('utf8')) as { id: string }[];
  if (jobs.length !== count) throw new Error(`${jobs.length} jobs were answered for ${count} URLs`);
  for (let sample = 0; sample < Math.min(SAMPLE, count); sample += 1) {
    const index = Math.floor((sample * count) / Math.min(SAMPLE, count));
    const { body } = await request(`${origin}/jobs/${jobs[index]?.id}`);
    const job = (await body.json()) as { status: string; response?: { body?: string } };
    if (job.response?.body !== pageAt(mode, run, index).toString('latin1'))
      throw new Error(`URL ${index} of run ${run} (${job.status}) has not the page that the target serves`);
  }
}

/** All URLs were visited, or it throws. @returns how many visits were more than necessary */
export async function refetchesOf(target: Target, { mode, run, count }: RunOrder): Promise<number> {
  const { requests, urls } = await target.visits(run);
  if (urls !== count) throw new Error(`the target was asked for ${urls} of ${count} URLs`);
  return requests - count - (mode === 'failing' ? FAILING_VISITS * failingAmong(count) : 0);
}
