import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, AcceptedJob, JobSeen } from './api-client';
import type { Progress } from './output';
import type { DemoReceiver } from './receiver';
import { attemptsNeeded } from './shop-behaviour';
import { expectedBody } from './shop-pages';
import { type SinglePage, singlePages } from './shop-singles';
import type { Stack } from './stack';
import type { DemoReport } from './summary';
import { checkCallbacks, checkCounts, checkJob, type ExpectedResult, type Mismatch } from './verify';

const pollEveryMs = 250;
const callbacksWithinMs = 60_000;
const readsInFlight = 8;

interface ScenarioOptions {
  readonly urls: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Submits the batch and the single jobs, waits for pages and callbacks, and compares everything with what the shop serves. */
export async function runScenario(stack: Stack, { urls, progress, signal }: ScenarioOptions): Promise<DemoReport> {
  const { api, shop, receiver } = stack;
  const expected = Array.from({ length: urls }, (_, index) => expectedProduct(shop.productUrl(index + 1), index + 1));
  const startedAt = performance.now();
  const batch = await api.submitBatch({
    urls: expected.map(({ url }) => url),
    callback: { type: 'webhook', url: receiver.url },
    meta: { demo: true },
  });
  const accepted = await Promise.all(singlePages.map((page) => api.submitJob(singleRequest(page, shop.origin))));

  const { countProblems, finished } = await watchBatch(api, batch.batchId, { progress, startedAt, signal });
  const batchMs = performance.now() - startedAt;
  const singleJobs = await Promise.all(accepted.map(({ id }) => endedJob(api, id, signal)));
  await waitForCallbacks(receiver, finished, signal);
  const batchJobs = await readJobs(api, batch.jobs);

  const singles = singlePages.map((page, index) => {
    const mismatches = checkSingle(page, singleJobs[index], shop.origin);
    return { name: page.name, isRight: mismatches.length === 0, mismatches };
  });
  return {
    batchJobs,
    batchSize: urls,
    batchMs,
    singles,
    callbacks: countCallbacks(receiver),
    faults: shop.faults,
    mismatches: [
      ...countProblems.map((problem) => ({ url: `batch ${batch.batchId}`, problem })),
      ...checkBatch(batch.jobs, batchJobs, expected),
      ...singles.flatMap((single) => single.mismatches),
      ...checkCallbacks(batchJobs, receiver.receipts),
      ...receiver.unreadable.map((body) => ({ url: receiver.url, problem: `callback that is no job object: ${body}` })),
    ],
    webUi: stack.webUi,
  };
}

function expectedProduct(url: string, productNumber: number): ExpectedResult {
  return {
    url,
    statusCode: 200,
    body: expectedBody(productNumber),
    finalUrl: url,
    minAttempts: attemptsNeeded(productNumber),
  };
}

function singleRequest({ path, request }: SinglePage, shopOrigin: string): Record<string, unknown> {
  return { url: `${shopOrigin}${path}`, ...request, meta: { demo: true } };
}

function checkSingle({ path, expected }: SinglePage, job: JobSeen | undefined, shopOrigin: string): Mismatch[] {
  const url = `${shopOrigin}${path}`;
  const { statusCode, body, base64EncodedBody, finalPath } = expected;
  if (job === undefined) return [{ url, problem: 'there is no job' }];
  return checkJob(job, {
    url,
    statusCode,
    body,
    base64EncodedBody,
    finalUrl: `${shopOrigin}${finalPath}`,
    minAttempts: 1,
  });
}

/** The answer to the submission is in input order, and each of its jobs holds the page of its URL. */
function checkBatch(
  accepted: readonly AcceptedJob[],
  jobs: readonly JobSeen[],
  expected: readonly ExpectedResult[],
): Mismatch[] {
  return expected.flatMap((result, index) => {
    const job = jobs[index];
    if (job === undefined) return [{ url: result.url, problem: 'the batch has no job for it' }];
    const isInPlace = accepted[index]?.url === result.url;
    return [
      ...(isInPlace ? [] : [{ url: result.url, problem: 'the answer has another URL in its place' }]),
      ...checkJob(job, result),
    ];
  });
}

/** Follows the batch to its end; returns how many pages came, and what was wrong with the counts on the way. */
async function watchBatch(
  api: ApiClient,
  batchId: string,
  {
    progress,
    startedAt,
    signal,
  }: { readonly progress: Progress; readonly startedAt: number; readonly signal: AbortSignal },
): Promise<{ readonly countProblems: readonly string[]; readonly finished: number }> {
  const countProblems: string[] = [];
  try {
    for (;;) {
      const counts = await api.batchCounts(batchId);
      progress.update(counts, performance.now() - startedAt);
      const problem = checkCounts(counts);
      if (problem !== undefined) countProblems.push(problem);
      if (counts.queued + counts.running === 0) return { countProblems, finished: counts.finished };
      await sleep(pollEveryMs, undefined, { signal });
    }
  } finally {
    progress.end();
  }
}

async function endedJob(api: ApiClient, id: string, signal: AbortSignal): Promise<JobSeen> {
  for (;;) {
    const job = await api.job(id);
    if (job.status !== 'running') return job;
    await sleep(pollEveryMs, undefined, { signal });
  }
}

/** Waits for one callback per finished job. Refused ones come again after 5 s; the checks find those that never come. */
async function waitForCallbacks(receiver: DemoReceiver, jobs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + callbacksWithinMs;
  while (receiver.acknowledgedJobs() < jobs && Date.now() < deadline) await sleep(100, undefined, { signal });
}

async function readJobs(api: ApiClient, accepted: readonly AcceptedJob[]): Promise<JobSeen[]> {
  const jobs: JobSeen[] = [];
  const places = accepted.entries(); // the loops below share the iterator, so each job is read once
  const work = async (): Promise<void> => {
    for (const [index, { id }] of places) jobs[index] = await api.job(id);
  };
  await Promise.all(Array.from({ length: readsInFlight }, work));
  return jobs;
}

function countCallbacks(receiver: DemoReceiver): DemoReport['callbacks'] {
  const refused = receiver.receipts.filter((receipt) => !receipt.isAcknowledged).length;
  const received = receiver.acknowledgedJobs();
  return { received, refused, duplicates: receiver.receipts.length - refused - received };
}
