import { ActivityFailure, condition, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities, ScrapeChunkInput, SweepRest } from './workflow-io';
import type { ChunkEnding } from '../jobs/chunk-range';
import { sweepOptions, fetchQueue } from './activity-options';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { sweepProgress } from './policy/progress';
import { untilNextRoundMs, budgetMs } from './policy/time';
import { untilCounted } from './run-as-jobs';
import { startJob } from './start-child';

/** How long a paused range waits at least before it looks again, unless it is told to go on (ms). */
const PAUSED_LOOK_MS = 60_000;

/**
 * Sweeps a range of chunks again and again until nothing is left or the time is over. The few URLs in lasting trouble get a workflow
 * each. While the batch is paused it waits for the signal `resume`.
 * @param resumes how many of them have come so far
 * @returns the counts of the range, when they are known
 */
export async function runSweeps(
  { fanOut: _, isRendered, publicUrl, ...input }: ScrapeChunkInput,
  resumes: () => number,
): Promise<ChunkEnding | undefined> {
  const { deadlineAtMs } = input;
  const startedAtMs = workflowInfo().startTime.getTime();
  const except: number[] = [];
  const ends: Promise<unknown>[] = [];
  let isForeign = false;
  let counts: ChunkEnding | undefined;
  setCurrentDetails('The first sweep has not ended yet.');
  while (Date.now() < deadlineAtMs) {
    const options = sweepOptions(budgetMs(deadlineAtMs, Date.now()));
    const { sweep } = proxyActivities<Activities>({ ...options, ...fetchQueue(isRendered, 'rendersweeps') });
    const resumesBefore = resumes();
    const rest = await sweep({ ...input, except }).catch(restAtTheEnd);
    if (rest === undefined) break;
    counts = rest.counts;
    await forEachLimit(rest.promotable, STARTS_IN_FLIGHT, async (member) => {
      const started = await startJob(member, {
        ...input,
        ...(isRendered === true && { isRendered }),
        ...(publicUrl !== undefined && { publicUrl }),
      });
      if (started === undefined) isForeign = true;
      else ends.push(started.end);
      except.push(member.place);
    });
    const isLast = rest.unfinished === rest.promotable.length;
    setCurrentDetails(sweepProgress(rest, { promoted: except.length, atMs: Date.now(), isLast }));
    if (isLast) break;
    const nowMs = Date.now();
    const wantedAtMs = rest.isPaused === true ? nowMs + PAUSED_LOOK_MS : (rest.nextAtMs ?? nowMs);
    const waitMs = untilNextRoundMs({ startedAtMs, nowMs, wantedAtMs, deadlineAtMs });
    // What was told while the sweep came to its end counts as well.
    await condition(() => resumes() > resumesBefore, waitMs);
  }
  await Promise.all(ends);
  if (isForeign) await untilCounted(input, deadlineAtMs);
  return counts;
}

/** Returns undefined when the time ran out while a sweep was running or waiting for a worker. */
function restAtTheEnd(error: unknown): SweepRest | undefined {
  if (error instanceof ActivityFailure && error.retryState === 'TIMEOUT') return undefined;
  throw error;
}
