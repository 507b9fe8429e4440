import { remembered } from '../jobs/tried-attempt';
import type { TriedAttempt } from '../jobs/tried-attempt';
import type { Commit } from '../pages/committer';
import type { StoredJob } from '../store/jobs';
import type { Decision } from './judge-outcome';
import { confirmationDelayMs, retryDelayMs } from './retry-delay';

/**
 * What has to be committed after an attempt, and when the next attempt is due if the job has not ended.
 * @param attempts attempts so far, this one included
 * @param durationMs how long this one took
 */
export function commitOf(
  job: StoredJob,
  attempts: number,
  decision: Decision,
  nowMs: number,
  durationMs: number,
): { readonly commit: Commit; readonly nextAttemptAt?: Date; readonly tried?: readonly TriedAttempt[] } {
  switch (decision.kind) {
    case 'finish': {
      const { page, surcharge } = decision;
      const end = { job, status: 'finished', attempts, statusCode: page.statusCode, surcharge, durationMs } as const;
      return { commit: { kind: 'end', end, page } };
    }
    case 'fail': {
      const { failReason, lastFailure } = decision;
      const end = {
        job,
        status: 'failed',
        attempts,
        failReason,
        durationMs,
        ...(lastFailure && { lastFailure }),
      } as const;
      return { commit: { kind: 'end', end } };
    }
    case 'retry': {
      const { trouble, strikes, lastFailure } = decision;
      const tried = remembered(job.tried ?? [], decision.tried);
      const time = { leftMs: job.deadlineAt.getTime() - nowMs, random: Math.random() };
      const retryAfterMs = trouble.kind === 'throttled' ? trouble.retryAfterMs : undefined;
      const delayMs =
        decision.isToBeConfirmed === true
          ? confirmationDelayMs(time)
          : retryDelayMs({ attempts, retryAfterMs, ...time });
      const nextAttemptAt = new Date(nowMs + delayMs);
      return {
        commit: { kind: 'attempt', attempt: { job, attempts, strikes, lastFailure, nextAttemptAt, tried, durationMs } },
        nextAttemptAt,
        tried,
      };
    }
  }
}
