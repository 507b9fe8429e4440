import { CancellationScope, proxyActivities, sleep, uuid4, workflowInfo } from '@temporalio/workflow';
import { needsBrowser } from '../contracts/needs-browser';
import type { Activities, JobEnding, JobRef, ScrapeJobInput } from '../contracts/workflow-io';
import { scrapeOptions, storeOptions } from './activity-options';
import { endingOf } from './policy/ending-of';
import { uuidIn, uuidV7 } from './policy/ids';
import { budgetMs, deadlineOf } from './policy/time';
import { fetchQueue } from './fetch-queue';

const { recordEnding } = proxyActivities<Activities>(storeOptions);

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

const isRendered = ({ isRendered: isTold, apiParams, ...rest }: ScrapeJobInput): boolean =>
  isTold ?? needsBrowser({ ...rest, ...apiParams });

/** One URL, fetched until it succeeds or its time is over. `scrape` records what it returns; only what it could not end is recorded here. */
export async function scrapeJob(input: ScrapeJobInput): Promise<JobEnding> {
  const ref = jobRefOf(input);
  const deadlineAtMs = deadlineOf(input, workflowInfo().startTime.getTime());
  try {
    // A sweep has tried it a moment ago.
    if (input.startAtMs !== undefined && input.startAtMs > Date.now()) await sleep(input.startAtMs - Date.now());
    const options = scrapeOptions(budgetMs(deadlineAtMs, Date.now()));
    const { scrape } = proxyActivities<Activities>({ ...options, ...fetchQueue(isRendered(input), 'render') });
    return await scrape(ref);
  } catch (error) {
    const end = endingOf(error);
    const ending = await CancellationScope.nonCancellable(() => recordEnding({ ...ref, end }));
    // The workflow shows as cancelled, as whoever cancelled it expects, unless the job had ended before.
    if (ending.status === 'cancelled') throw error;
    return ending;
  }
}
