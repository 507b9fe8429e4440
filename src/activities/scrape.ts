import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { FetchOutcome, FetchRequest } from '../contracts/fetch-outcome';
import { hostOf } from '../fetch/host-of';
import type { FetchPool } from '../fetch/fetch-pool';
import type { JobEnding, JobRef } from '../contracts/workflow-io';
import type { PriceList } from '../contracts/prices';
import type { Committer } from '../store/committer';
import type { Database } from '../store/database';
import { findJob } from '../store/jobs';
import type { StoredJob } from '../store/jobs';
import { commitOf } from './commit-of';
import { jobNotFoundFailure, keyBusyFailure, toFailure, troubleFailure } from './failures';
import { KeyBackOff } from './key-back-off';
import { judgeOutcome } from './judge-outcome';
import type { Verdict } from './judge-outcome';
import { endingOfRow, fetchRequestOf, openJob } from './open-job';

export interface ScrapeDeps {
  readonly database: Database;
  readonly priceList: PriceList;
  readonly committer: Pick<Committer, 'commit'>;
  readonly pool: FetchPool;
  readonly fetchPage: (
    request: FetchRequest,
    options: {
      readonly attempt: number;
      readonly signal: AbortSignal;
      readonly onStart?: (interrupt: (reason: unknown) => void) => void;
    },
  ) => Promise<FetchOutcome>;
}

const HEARTBEAT_MS = 3_000;

/** One attempt of one job. What ends the job is durable before this resolves; anything else is thrown, with the delay until the next try. */
export function createScrape(deps: ScrapeDeps): (ref: JobRef) => Promise<JobEnding> {
  const backOff = new KeyBackOff();
  return async function scrape(ref) {
    const signal = cancellationSignal();
    const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
    try {
      const job = await openJob(deps, ref, activityInfo().workflowExecution?.workflowId ?? '');
      if (job.status !== 'running') return endingOfRow(job);
      const release = await enter(deps.pool, backOff, job, signal);
      const attempts = job.attempts + 1;
      const outcome = await deps.fetchPage(fetchRequestOf(job), { attempt: attempts, signal }).finally(release);
      try {
        return await settle(deps, job, attempts, judgeOutcome(outcome, job.strikes, new Date()));
      } finally {
        if (outcome.kind === 'page') outcome.page.release();
      }
    } catch (error) {
      // A cancellation has to reach the worker unwrapped, or it counts as one more failed attempt.
      throw signal.aborted ? signal.reason : toFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

/** A job whose key has all its fetches in flight, and as many waiting, comes back a little later. That is no attempt. */
async function enter(
  pool: FetchPool,
  backOff: KeyBackOff,
  { apiKeyId, maxConcurrency, url }: StoredJob,
  signal: AbortSignal,
): Promise<() => void> {
  const slot = pool.enter({ apiKeyId, maxConcurrency }, hostOf(url), signal);
  if (slot === undefined) throw keyBusyFailure(backOff.askAgainAfterMs(apiKeyId, maxConcurrency ?? 1));
  backOff.forget(apiKeyId);
  return slot;
}

async function settle(deps: ScrapeDeps, job: StoredJob, attempts: number, verdict: Verdict): Promise<JobEnding> {
  const now = Date.now();
  const { commit, nextAttemptAt } = commitOf(job, attempts, verdict, now);
  if (!(await deps.committer.commit(commit))) return endedElsewhere(deps, job.id);
  switch (verdict.kind) {
    case 'finish':
      return { jobId: job.id, status: 'finished', attempts, statusCode: verdict.page.statusCode };
    case 'fail':
      return { jobId: job.id, status: 'failed', attempts, failReason: verdict.failReason };
    case 'retry':
      throw troubleFailure(verdict.trouble, (nextAttemptAt?.getTime() ?? now) - now);
  }
}

/** The job was ended while it was fetched, as by DELETE: that ending stands. */
async function endedElsewhere(deps: ScrapeDeps, id: string): Promise<JobEnding> {
  const job = await findJob(deps.database, id);
  if (job === undefined) throw jobNotFoundFailure(id);
  return endingOfRow(job);
}
