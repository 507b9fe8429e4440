import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support/wait-for';
import { BatchWatch } from './batch-watch';
import { startCallbackReceiver } from './callback-receiver';
import { checkBatch, checkServedPages } from './check-batch';
import { END_WITHIN_MS, accountProblems, slowestAnswerMs } from './crash-round';
import type { Account, RoundResult } from './crash-round';
import { createCrashInstallation, startEmbeddedDeployment } from './deployments';
import type { Deployment } from './deployments';
import { startPageTarget } from './page-target';
import { createRandom } from './random';
import { mountSmallDisk } from './small-disk';
import type { SmallDisk } from './small-disk';
import { submitBatch } from './submit-batch';

/** Nothing finished for this long counts as standing still; before, hundreds were finished in such a time. */
const STANDSTILL_MS = 3_000;

const DISK_MEGABYTES = 64;

export interface FullDiskRoundOptions {
  readonly pages: number;
  readonly seed: number;
}

/** The disk of the pages is full in the middle of a batch: nothing wrong is served, and with room again the batch ends right. */
export async function fullDiskRound(options: FullDiskRoundOptions): Promise<RoundResult> {
  const installation = await createCrashInstallation();
  const disk = mountSmallDisk(join(installation.dataDir, 'pages'), DISK_MEGABYTES);
  let deployment: Deployment | undefined;
  try {
    deployment = await startEmbeddedDeployment(installation);
    return await fillMidway(deployment, disk, options);
  } finally {
    disk.unmount();
    await (deployment ?? { stop: () => installation.remove() }).stop();
  }
}

async function fillMidway(
  deployment: Deployment,
  disk: SmallDisk,
  { pages, seed }: FullDiskRoundOptions,
): Promise<RoundResult> {
  const random = createRandom(seed);
  const fillAt = 0.1 + 0.5 * random();
  const target = await startPageTarget({ pages, random, slowestMs: slowestAnswerMs(pages) });
  const receiver = await startCallbackReceiver();
  const account = async () => (await deployment.call('GET', '/account')).body as Account;
  const segmentsState = async () => (await deployment.call('GET', '/readyz')).body.segments as string;
  let watch: BatchWatch | undefined;
  try {
    const before = await account();
    const submittedAtMs = performance.now();
    const batch = await submitBatch(deployment, target.urls, receiver.url);
    watch = new BatchWatch({ poll: () => deployment.call('GET', `/batches/${batch.id}`), mayBeGone: () => false });
    await watch.until('that far', END_WITHIN_MS, ({ counts }) => counts.finished >= fillAt * pages);
    disk.fill();
    const finished = await untilStandstill(watch);
    await waitFor(async () => (await segmentsState()) === 'unavailable', { message: 'readyz to tell' });
    // What the worker has fetched it keeps for a while; then the sweeps fail, and their next attempts fetch again.
    await waitFor(() => target.refetched() > 0, { timeoutMs: END_WITHIN_MS, message: 'another attempt of a sweep' });
    const deps = { deployment, target, receiver, batch };
    const whileFull = await checkServedPages(deps, 'some running');
    const stillFinished = watch.latest?.counts.finished ?? 0;

    disk.release();
    const releasedAtMs = performance.now();
    const ended = await watch.until('ended', END_WITHIN_MS, (seen) => seen.status !== 'running');
    await waitFor(async () => (await segmentsState()) === 'ok', { message: 'readyz to recover' });
    await watch.stop();
    const problems = await checkBatch(deps);
    return {
      what: 'full disk',
      progress: finished / pages,
      recoveryMs: watch.recoveryMs(releasedAtMs),
      batchMs: ended.answeredAtMs - submittedAtMs,
      refetched: target.refetched(),
      callbackDuplicates: receiver.duplicates(),
      problems: [
        ...watch.problems,
        ...whileFull.map((problem) => `while the disk was full: ${problem}`),
        ...(finished === pages ? ['the batch ended on a full disk'] : []),
        ...(stillFinished === finished ? [] : [`${stillFinished - finished} jobs finished on a full disk`]),
        ...problems,
        ...accountProblems(before, await account(), pages),
      ],
    };
  } finally {
    disk.release();
    await watch?.stop();
    await Promise.all([target.close(), receiver.close()]);
  }
}

/** Resolves with the count at which it stands. */
async function untilStandstill(watch: BatchWatch): Promise<number> {
  const deadline = performance.now() + END_WITHIN_MS;
  for (let from = watch.latest; performance.now() < deadline; await sleep(50)) {
    const { latest } = watch;
    if (latest === undefined || from === undefined || latest.counts.finished !== from.counts.finished) from = latest;
    else if (latest.answeredAtMs - from.answeredAtMs >= STANDSTILL_MS) return latest.counts.finished;
  }
  throw new Error('the batch went on although the disk was full');
}
