import { CancellationScope, patched, proxyActivities, sleep, uuid4, workflowInfo } from '@temporalio/workflow';
import { asksForBrowser } from '../contracts/needs-browser';
import type { Activities, JobEnding, JobRef, ScrapeJobInput } from '../contracts/workflow-io';
import { scrapeOptions, storeOptions } from './activity-options';
import { endingOf } from './policy/ending-of';
import { uuidIn, uuidV7 } from './policy/ids';
import { budgetMs, deadlineOf } from './policy/time';
import { fetchQueue } from './fetch-queue';

const { openJob, recordEnding } = proxyActivities<Activities>(storeOptions);

/** The service sends the id of a stored row; a programmatic client sends the request, and the first activity creates the row. */
function jobRefOf(input: ScrapeJobInput): JobRef {
  if (input.jobId !== undefined) return { jobId: input.jobId };
  const { workflowId, startTime } = workflowInfo();
  const { deadlineAtMs: _deadline, jobId: _id, startAtMs: _start, isRendered: _rendered, ...request } = input;
  return {
    jobId: uuidIn(workflowId, 'job') ?? uuidV7(startTime.getTime(), uuid4(), '0000'),
    request,
    deadlineAtMs: deadlineOf(input, startTime.getTime()),
  };
}

/** A client's request for a browser is looked at first: where no worker has one, nobody would ever take it from that queue. */
async function isRendered(input: ScrapeJobInput, ref: JobRef): Promise<boolean> {
  if (input.isRendered !== undefined) return input.isRendered;
  if (!asksForBrowser(input)) return false;
  return ref.request !== undefined && patched('open-rendered') ? (await openJob(ref)).isRendered : true;
}

/** One URL, fetched until it succeeds or its time is over. `scrape` records what it returns; only what it could not end is recorded here. */
export async function scrapeJob(input: ScrapeJobInput): Promise<JobEnding> {
  const ref = jobRefOf(input);
  const deadlineAtMs = deadlineOf(input, workflowInfo().startTime.getTime());
  try {
    // A sweep has tried it a moment ago.
    if (input.startAtMs !== undefined && input.startAtMs > Date.now()) await sleep(input.startAtMs - Date.now());
    const isForBrowser = await isRendered(input, ref);
    const options = scrapeOptions(budgetMs(deadlineAtMs, Date.now()));
    const { scrape } = proxyActivities<Activities>({ ...options, ...fetchQueue(isForBrowser, 'render') });
    return await scrape(ref);
  } catch (error) {
    const end = endingOf(error);
    const ending = await CancellationScope.nonCancellable(() => recordEnding({ ...ref, end }));
    // The workflow shows as cancelled, as whoever cancelled it expects, unless the job had ended before.
    if (ending.status === 'cancelled') throw error;
    return ending;
  }
}
