import { BatchWatch } from './batch-watch';
import { startCallbackReceiver } from './callback-receiver';
import { checkBatch } from './check-batch';
import { victimNames } from './deployments';
import type { Deployment, Victim } from './deployments';
import { startPageTarget } from './page-target';
import { createRandom } from './random';
import { submitBatch } from './submit-batch';

export interface RoundResult {
  readonly what: string;
  /** Share of the batch that was finished when it happened. */
  readonly progress: number;
  /** Until more was finished than right after it; undefined when nothing was left to finish. */
  readonly recoveryMs: number | undefined;
  /** Time from the submission until the last URL was finished. */
  readonly batchMs: number;
  /** Fetches that would not have been needed. */
  readonly refetched: number;
  readonly callbackDuplicates: number;
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
}

/**
 * What a crash may cost at the target: a worker's fetches in flight, and what was fetched and waits to be durable, of which
 * at most three commits of 200 exist (two being written, one being collected).
 */
export const MAX_REFETCHED = 128 + 3 * 200;

/** However slow the machine: that a worker is gone shows within the heartbeat time-out of 15 s. */
export const END_WITHIN_MS = 120_000;

/** A batch should last about this long when nothing happens, so that a kill has something to hit. */
const LASTS_MS = 4_000;
const SLOTS_OF_SWEEPS = 112;

/** The slowest answer of a target whose batch is to last some seconds. */
export const slowestAnswerMs = (pages: number): number => Math.min((2 * LASTS_MS * SLOTS_OF_SWEEPS) / pages, 2_000);

export interface CrashRoundOptions {
  readonly deployment: Deployment;
  readonly victim: Victim;
  readonly pages: number;
  readonly seed: number;
}

/** A batch in whose middle something is killed with signal 9; then it has to end as if nothing had happened. */
export async function crashRound({ deployment, victim, pages, seed }: CrashRoundOptions): Promise<RoundResult> {
  const random = createRandom(seed);
  const killAt = 0.05 + 0.9 * random();
  const target = await startPageTarget({ pages, random, slowestMs: slowestAnswerMs(pages) });
  const receiver = await startCallbackReceiver();
  const account = async () => (await deployment.call('GET', '/account')).body as Account;
  let watch: BatchWatch | undefined;
  try {
    const before = await account();
    const submittedAtMs = performance.now();
    const batch = await submitBatch(deployment, target.urls, receiver.url);
    let isGone = false;
    watch = new BatchWatch({
      poll: () => deployment.call('GET', `/batches/${batch.id}`),
      mayBeGone: () => isGone,
    });
    const { counts } = await watch.until('that far', END_WITHIN_MS, (seen) => seen.counts.finished >= killAt * pages);
    isGone = victim === 'service';
    const killedAtMs = performance.now();
    await deployment.kill(victim);
    await deployment.revive(victim);
    isGone = false;
    const ended = await watch.until('ended', END_WITHIN_MS, (seen) => seen.status !== 'running');
    await watch.stop();
    const problems = await checkBatch({ deployment, target, receiver, batch });
    const after = await account();
    const refetched = target.refetched();
    return {
      what: `kill -9 of ${victimNames[victim]}`,
      progress: counts.finished / pages,
      recoveryMs: watch.recoveryMs(killedAtMs),
      batchMs: ended.answeredAtMs - submittedAtMs,
      refetched,
      callbackDuplicates: receiver.duplicates(),
      problems: [
        ...watch.problems,
        ...problems,
        ...accountProblems(before, after, pages),
        ...(refetched > MAX_REFETCHED ? [`${refetched} pages were refetched, more than ${MAX_REFETCHED}`] : []),
      ],
    };
  } finally {
    await watch?.stop();
    await Promise.all([target.close(), receiver.close()]);
  }
}

export interface Account {
  readonly requestCount: number;
  readonly failedRequestCount: number;
  readonly concurrentRequests: number;
  readonly creditsLeft: number;
}

export function accountProblems(before: Account, after: Account, pages: number): string[] {
  const change = {
    requestCount: after.requestCount - before.requestCount,
    failedRequestCount: after.failedRequestCount - before.failedRequestCount,
    concurrentRequests: after.concurrentRequests,
    credits: before.creditsLeft - after.creditsLeft,
  };
  const expected = { requestCount: pages, failedRequestCount: 0, concurrentRequests: 0, credits: pages };
  return JSON.stringify(change) === JSON.stringify(expected)
    ? []
    : [`the account changed by ${JSON.stringify(change)}, expected ${JSON.stringify(expected)}`];
}
