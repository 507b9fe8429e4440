import type { TriedAttempt } from '../jobs/tried-attempt';
import type { Commit } from '../pages/committer';
import type { StoredJob } from '../store/jobs';
import type { Verdict } from './judge-outcome';
import { remembered } from './remembered';
import { confirmationDelayMs, retryDelayMs } from './retry-delay';

/**
 * What an attempt leaves to be made durable; with a next attempt when it did not end its job.
 * @param attempts fetches so far, this one included
 */
export function commitOf(
  job: StoredJob,
  attempts: number,
  verdict: Verdict,
  nowMs: number,
): { readonly commit: Commit; readonly nextAttemptAt?: Date; readonly tried?: readonly TriedAttempt[] } {
  switch (verdict.kind) {
    case 'finish': {
      const { page, surcharge } = verdict;
      const end = { job, status: 'finished', attempts, statusCode: page.statusCode, surcharge } as const;
      return { commit: { kind: 'end', end, page } };
    }
    case 'fail': {
      const { failReason, lastFailure } = verdict;
      const end = { job, status: 'failed', attempts, failReason, ...(lastFailure && { lastFailure }) } as const;
      return { commit: { kind: 'end', end } };
    }
    case 'retry': {
      const { trouble, strikes, lastFailure } = verdict;
      const tried = remembered(job.tried ?? [], verdict.tried);
      const time = { leftMs: job.deadlineAt.getTime() - nowMs, random: Math.random() };
      const retryAfterMs = trouble.kind === 'throttled' ? trouble.retryAfterMs : undefined;
      const delayMs =
        verdict.isToBeConfirmed === true
          ? confirmationDelayMs(time)
          : retryDelayMs({ attempts, retryAfterMs, ...time });
      const nextAttemptAt = new Date(nowMs + delayMs);
      return {
        commit: { kind: 'attempt', attempt: { job, attempts, strikes, lastFailure, nextAttemptAt, tried } },
        nextAttemptAt,
        tried,
      };
    }
  }
}
