import { needsBrowser } from '../jobs/needs-browser';
import { hostOf } from '../net/host-of';
import type { Committer } from '../pages/committer';
import type { FetchPool } from '../scheduling/fetch-pool';
import { HostBusyError } from '../scheduling/pacing/host-gate';
import type { AttemptJob } from '../scraping/attempt-job';
import type { BatchStateWatch } from '../scraping/batch-state-watch';
import { comeBackAfterMs, KeyBackOff } from '../scraping/back-off';
import { commitOf } from '../scraping/commit-of';
import type { FirstFetches } from '../scraping/first-fetches';
import { judgeOutcome } from '../scraping/judge-outcome';
import type { Decision } from '../scraping/judge-outcome';
import type { Queryable } from '../store/database';
import { findJob } from '../store/jobs';
import type { StoredJob } from '../store/jobs';
import type { Activities, JobEnding, JobRef } from '../workflows/workflow-io';
import type { ActivityContext, WorkOf } from './as-activity';
import { batchHeldFailure, hostBusyFailure, notFoundFailure, keyBusyFailure, troubleFailure } from './failures';
import { endingOfRow, openJob } from './open-job';
import type { OpenJobDeps } from './open-job';

export interface ScrapeDeps extends OpenJobDeps {
  readonly committer: Pick<Committer, 'commit'>;
  readonly pool: FetchPool;
  /** Pool for jobs that need no browser, in a batch where others need one. @default `pool` */
  readonly plainPool?: FetchPool;
  readonly attemptJob: AttemptJob;
  readonly firstFetches: Pick<FirstFetches, 'begin'>;
  readonly batchStates: BatchStateWatch;
}

/**
 * Makes one attempt of one job. It resolves when the job has ended and that is durable; otherwise it throws, with the delay until
 * the next attempt.
 */
export function createScrape(deps: ScrapeDeps): WorkOf<Activities['scrape']> {
  const backOff = new KeyBackOff();
  return async function scrape(context, ref) {
    const job = await openJob(deps, ref, context.workflowId);
    if (job.status !== 'running' || isOfBefore(job, ref)) return endingFor(job, ref);
    const release = await enterUnlessHeld(deps, backOff, job, context);
    const attempts = job.attempts + 1;
    const end = deps.firstFetches.begin(job);
    const startedAtMs = performance.now();
    try {
      const attempt = await deps.attemptJob(job, { attempt: attempts, signal: context.signal }).finally(release);
      try {
        return await settle(
          deps,
          job,
          attempts,
          judgeOutcome(attempt, job, new Date()),
          performance.now() - startedAtMs,
        );
      } finally {
        if (attempt.kind === 'page') attempt.page.release();
      }
    } finally {
      end();
    }
  };
}

/** Whether the workflow began before the failed URLs of the batch were given their time once more. */
const isOfBefore = (job: StoredJob, ref: Pick<JobRef, 'round'>): boolean => (job.round ?? 0) > (ref.round ?? 0);

/** How the job ended for the workflow that asks. If it was given its time once more since then, that is for another workflow. */
const endingFor = (job: StoredJob, ref: Pick<JobRef, 'round'>): JobEnding =>
  isOfBefore(job, ref) ? { jobId: job.id, status: 'failed', attempts: job.attempts } : endingOfRow(job);

/**
 * Waits for a fetch slot, unless the batch is paused, or is being cancelled.
 * @throws a failure with a delay, also when that is asked for while it waits; that does not count as an attempt
 */
async function enterUnlessHeld(
  deps: ScrapeDeps,
  backOff: KeyBackOff,
  job: StoredJob,
  context: ActivityContext,
): Promise<() => void> {
  const { batchId } = job;
  const held = () => batchHeldFailure(Math.min(HELD_MS + (context.attempt - job.attempts) * 1_000, MAX_HELD_MS));
  if (batchId === undefined) return enter(deps, backOff, job, context);
  if (job.hold !== undefined) throw held();
  let isHeld = false;
  const unwatch = deps.batchStates.watch(batchId, (state) => (isHeld = state?.hold !== undefined));
  try {
    const release = await enter(deps, backOff, job, context);
    if (!isHeld) return release;
    release();
    throw held();
  } finally {
    unwatch();
  }
}

/** How often a URL of a paused batch looks whether it goes on (ms). */
const HELD_MS = 5_000;
const MAX_HELD_MS = 30_000;

/**
 * Waits for a fetch slot.
 * @returns a function that gives the slot back
 * @throws a failure with a delay when the key already has its fetches in flight and as many waiting, or when the host must not be
 *   asked now; that does not count as an attempt
 */
async function enter(
  { database, pool: ownPool, plainPool = ownPool }: ScrapeDeps,
  backOff: KeyBackOff,
  job: StoredJob,
  { attempt, signal }: ActivityContext,
): Promise<() => void> {
  const { apiKeyId, maxConcurrency, url, batchId, maxPerHost } = job;
  const batch = batchId === undefined || maxPerHost === undefined ? undefined : { id: batchId, maxPerHost };
  const pool = needsBrowser(job.options.apiParams ?? {}) ? ownPool : plainPool;
  const isReturning = attempt > job.attempts + 1;
  const slot = pool.enter({ apiKeyId, maxConcurrency, batch }, hostOf(url), signal, isReturning);
  if (slot === undefined) throw keyBusyFailure(backOff.askAgainAfterMs(apiKeyId, maxConcurrency ?? 1));
  backOff.forget(apiKeyId);
  try {
    return await slot;
  } catch (error) {
    if (!(error instanceof HostBusyError)) throw error;
    throw hostBusyFailure(error, await comeBackAfterMs(database, error, job.deadlineAt.getTime() - Date.now()));
  }
}

async function settle(
  deps: ScrapeDeps,
  job: StoredJob,
  attempts: number,
  decision: Decision,
  durationMs: number,
): Promise<JobEnding> {
  const now = Date.now();
  const { commit, nextAttemptAt } = commitOf(job, attempts, decision, now, durationMs);
  // The job was ended while it was fetched, as by DELETE: that ending stands.
  if (!(await deps.committer.commit(commit))) return storedEnding(deps.database, job.id, job);
  switch (decision.kind) {
    case 'finish':
      return { jobId: job.id, status: 'finished', attempts, statusCode: decision.page.statusCode };
    case 'fail':
      return { jobId: job.id, status: 'failed', attempts, failReason: decision.failReason };
    case 'retry':
      throw troubleFailure(decision.trouble, (nextAttemptAt?.getTime() ?? now) - now);
  }
}

/** Ends a job whose `scrape` ran out of time, was cancelled or broke. One that has ended in the meantime stays as it is. */
export function createRecordEnding(
  deps: Pick<ScrapeDeps, 'committer' | keyof OpenJobDeps>,
): WorkOf<Activities['recordEnding']> {
  return async function recordEnding({ workflowId }, { end, ...ref }) {
    const job = await openJob(deps, ref, workflowId);
    if (job.status === 'running' && !isOfBefore(job, ref))
      await deps.committer.commit({ kind: 'end', end: { job, attempts: job.attempts, ...end } });
    return storedEnding(deps.database, ref.jobId, ref);
  };
}

async function storedEnding(db: Queryable, id: string, ref: Pick<JobRef, 'round'>): Promise<JobEnding> {
  const job = await findJob(db, id);
  if (job === undefined) throw notFoundFailure(id);
  return endingFor(job, ref);
}
