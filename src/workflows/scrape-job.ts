import { CancellationScope, patched, proxyActivities, sleep, uuid4, workflowInfo } from '@temporalio/workflow';
import { asksForBrowser } from '../jobs/needs-browser';
import type { Activities, JobEnding, JobRef, ScrapeJobInput } from './workflow-io';
import { scrapeOptions, storeOptions, fetchQueue } from './activity-options';
import { checkJobInput } from './policy/check-input';
import { endingOf, withRefusals } from './policy/ending-of';
import { uuidIn, uuidOfStart, uuidV7, startRunIdOf } from './policy/ids';
import { budgetMs, deadlineOf } from './policy/time';

const { openJob, recordEnding } = proxyActivities<Activities>(storeOptions);

/** The service sends the id of a stored row; a Temporal client sends the request, and the first activity creates the row. */
function jobRefOf(input: ScrapeJobInput): JobRef {
  const { deadlineAtMs: _deadline, jobId, startAtMs: _start, isRendered: _rendered, round, ...request } = input;
  if ((jobId ?? undefined) !== undefined) return { jobId: jobId ?? '', ...((round ?? 0) > 0 && { round: round ?? 0 }) };
  const { workflowId, startTime } = workflowInfo();
  const startedAtMs = startTime.getTime();
  const deadlineAtMs = deadlineOf(input, startedAtMs);
  const chosen = uuidIn(workflowId, 'job');
  // Before this patch, a start under an id that had been used joined whatever row existed.
  if (!patched('starts')) return { jobId: chosen ?? uuidV7(startedAtMs, uuid4(), '0000'), request, deadlineAtMs };
  const startRunId = startRunIdOf(workflowInfo());
  return { jobId: chosen ?? uuidOfStart(startedAtMs, startRunId, '0000'), request, deadlineAtMs, startRunId };
}

/**
 * Whether a browser has to load the page. A client's request is checked first, because without a browser no worker would ever take
 * it from that queue.
 */
async function isRendered(input: ScrapeJobInput, ref: JobRef): Promise<boolean> {
  if (input.isRendered !== undefined) return input.isRendered;
  if (!asksForBrowser(input)) return false;
  return ref.request !== undefined && patched('open-rendered') ? (await openJob(ref)).isRendered : true;
}

/**
 * Fetches one URL until it succeeds or its time is over. `scrape` records the end of the job; only a job that it could not end is
 * recorded here.
 */
export async function scrapeJob(input: ScrapeJobInput): Promise<JobEnding> {
  checkJobInput(input, workflowInfo());
  const ref = jobRefOf(input);
  const deadlineAtMs = deadlineOf(input, workflowInfo().startTime.getTime());
  const startAtMs = input.startAtMs ?? 0;
  try {
    // A sweep has just tried this URL, so its next attempt has to wait.
    if (startAtMs > Date.now()) await sleep(startAtMs - Date.now());
    const isForBrowser = await isRendered(input, ref);
    const options = scrapeOptions(budgetMs(deadlineAtMs, Date.now()));
    const { scrape } = proxyActivities<Activities>({ ...options, ...fetchQueue(isForBrowser, 'render') });
    return await scrape(ref);
  } catch (error) {
    const end = endingOf(error);
    const record = () => CancellationScope.nonCancellable(() => recordEnding({ ...ref, end }));
    const ending = await withRefusals(record);
    // The workflow ends as cancelled, as the person who cancelled it expects, unless the job had ended before.
    if (ending.status === 'cancelled') throw error;
    return ending;
  }
}
