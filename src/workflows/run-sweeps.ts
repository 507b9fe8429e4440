import { ActivityFailure, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities, ScrapeChunkInput, SweepRest } from './workflow-io';
import type { ChunkEnding } from '../jobs/chunk-range';
import { sweepOptions, fetchQueue } from './activity-options';
import { STARTS_IN_FLIGHT, forEachLimit } from './policy/for-each-limit';
import { untilNextRoundMs, budgetMs } from './policy/time';
import { untilCounted } from './run-as-jobs';
import { startJob } from './start-child';

/**
 * Sweeps a range of chunks again and again until nothing is left or the time is over. The few URLs in lasting trouble get a workflow
 * each.
 * @returns the counts of the range, when they are known
 */
export async function runSweeps({
  fanOut: _,
  isRendered,
  ...input
}: ScrapeChunkInput): Promise<ChunkEnding | undefined> {
  const { deadlineAtMs } = input;
  const startedAtMs = workflowInfo().startTime.getTime();
  const except: number[] = [];
  const ends: Promise<void>[] = [];
  let isForeign = false;
  let counts: ChunkEnding | undefined;
  while (Date.now() < deadlineAtMs) {
    const options = sweepOptions(budgetMs(deadlineAtMs, Date.now()));
    const { sweep } = proxyActivities<Activities>({ ...options, ...fetchQueue(isRendered, 'rendersweeps') });
    const rest = await sweep({ ...input, except }).catch(restAtTheEnd);
    if (rest === undefined) break;
    counts = rest.counts;
    await forEachLimit(rest.promotable, STARTS_IN_FLIGHT, async (member) => {
      const started = await startJob(member, deadlineAtMs, isRendered);
      if (started === undefined) isForeign = true;
      else ends.push(started.end);
      except.push(member.place);
    });
    if (rest.unfinished === rest.promotable.length) break;
    const nowMs = Date.now();
    await sleep(untilNextRoundMs({ startedAtMs, nowMs, wantedAtMs: rest.nextAtMs ?? nowMs, deadlineAtMs }));
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
