import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { FetchOutcome, FetchRequest } from '../contracts/fetch-outcome';
import type { JobEnding, JobRef } from '../contracts/workflow-io';
import type { PriceList } from '../contracts/prices';
import type { Committer } from '../store/committer';
import type { Database } from '../store/database';
import { findJob } from '../store/jobs';
import type { StoredJob } from '../store/jobs';
import { jobNotFoundFailure, keyBusyFailure, toFailure, troubleFailure } from './failures';
import { KeyConcurrency } from './key-concurrency';
import { judgeOutcome } from './judge-outcome';
import type { Verdict } from './judge-outcome';
import { endingOfRow, fetchRequestOf, openJob } from './open-job';
import { retryDelayMs } from './retry-delay';

export interface ScrapeDeps {
  readonly database: Database;
  readonly priceList: PriceList;
  readonly committer: Pick<Committer, 'commit'>;
  readonly fetchPage: (
    request: FetchRequest,
    options: { readonly attempt: number; readonly signal: AbortSignal },
  ) => Promise<FetchOutcome>;
}

const HEARTBEAT_MS = 3_000;

/** One attempt of one job. What ends the job is durable before this resolves; anything else is thrown, with the delay until the next try. */
export function createScrape(deps: ScrapeDeps): (ref: JobRef) => Promise<JobEnding> {
  const keys = new KeyConcurrency();
  return async function scrape(ref) {
    const signal = cancellationSignal();
    const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
    try {
      const job = await openJob(deps, ref, activityInfo().workflowExecution?.workflowId ?? '');
      if (job.status !== 'running') return endingOfRow(job);
      const leave = enter(keys, job);
      const attempts = job.attempts + 1;
      const outcome = await deps.fetchPage(fetchRequestOf(job), { attempt: attempts, signal }).finally(leave);
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

/** A job whose key has all its fetches in flight is not an attempt: it comes back a little later and holds no slot until then. */
function enter(keys: KeyConcurrency, { apiKeyId, maxConcurrency }: StoredJob): () => void {
  if (maxConcurrency === undefined) return () => undefined;
  const leave = keys.enter(apiKeyId, maxConcurrency);
  if (leave === undefined) throw keyBusyFailure(keys.askAgainAfterMs(apiKeyId, maxConcurrency));
  return leave;
}

async function settle(deps: ScrapeDeps, job: StoredJob, attempts: number, verdict: Verdict): Promise<JobEnding> {
  if (verdict.kind === 'retry') return retry(deps, job, attempts, verdict);
  const isApplied =
    verdict.kind === 'finish'
      ? await deps.committer.commit({
          kind: 'end',
          end: { job, status: 'finished', attempts, statusCode: verdict.page.statusCode },
          page: verdict.page,
        })
      : await deps.committer.commit({
          kind: 'end',
          end: { job, status: 'failed', attempts, failReason: verdict.failReason, lastFailure: verdict.lastFailure },
        });
  if (!isApplied) return endedElsewhere(deps, job.id);
  return verdict.kind === 'finish'
    ? { jobId: job.id, status: 'finished', attempts, statusCode: verdict.page.statusCode }
    : { jobId: job.id, status: 'failed', attempts, failReason: verdict.failReason };
}

async function retry(
  deps: ScrapeDeps,
  job: StoredJob,
  attempts: number,
  verdict: Extract<Verdict, { kind: 'retry' }>,
): Promise<JobEnding> {
  const { trouble, strikes, lastFailure } = verdict;
  const now = Date.now();
  const delayMs = retryDelayMs({
    attempts,
    retryAfterMs: trouble.kind === 'throttled' ? trouble.retryAfterMs : undefined,
    leftMs: job.deadlineAt.getTime() - now,
    random: Math.random(),
  });
  const isApplied = await deps.committer.commit({
    kind: 'attempt',
    attempt: { job, attempts, strikes, lastFailure, nextAttemptAt: new Date(now + delayMs) },
  });
  if (!isApplied) return endedElsewhere(deps, job.id);
  throw troubleFailure(trouble, delayMs);
}

/** The job was ended while it was fetched, as by DELETE: that ending stands. */
async function endedElsewhere(deps: ScrapeDeps, id: string): Promise<JobEnding> {
  const job = await findJob(deps.database, id);
  if (job === undefined) throw jobNotFoundFailure(id);
  return endingOfRow(job);
}
