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
  const historyWith = (last: TriedAttempt): readonly TriedAttempt[] =>
    remembered(job.tried ?? [], { ...last, at: Math.round(nowMs - durationMs), durationMs: Math.round(durationMs) });
  switch (decision.kind) {
    case 'finish': {
      const { page, surcharge, tried } = decision;
      const end = {
        ...({ job, status: 'finished', attempts, statusCode: page.statusCode, surcharge, durationMs } as const),
        ...(tried && { tried: historyWith(tried) }),
      };
      return { commit: { kind: 'end', end, page } };
    }
    case 'fail': {
      const { failReason, lastFailure, tried } = decision;
      const end = {
        ...({ job, status: 'failed', attempts, failReason, durationMs } as const),
        ...(lastFailure && { lastFailure }),
        ...(tried && { tried: historyWith(withoutNext(tried)) }),
      };
      return { commit: { kind: 'end', end } };
    }
    case 'retry': {
      const { trouble, strikes, lastFailure } = decision;
      const time = { leftMs: job.deadlineAt.getTime() - nowMs, random: Math.random() };
      const retryAfterMs = trouble.kind === 'throttled' ? trouble.retryAfterMs : undefined;
      const delayMs =
        decision.isToBeConfirmed === true
          ? confirmationDelayMs(time)
          : retryDelayMs({ attempts, retryAfterMs, ...time });
      const nextAttemptAt = new Date(nowMs + delayMs);
      const tried = historyWith({ ...decision.tried, nextAt: nextAttemptAt.getTime() });
      return {
        commit: { kind: 'attempt', attempt: { job, attempts, strikes, lastFailure, nextAttemptAt, tried, durationMs } },
        nextAttemptAt,
        tried,
      };
    }
  }
}

/** An attempt that ended its job is followed by none. */
const withoutNext = ({ next: _next, ...tried }: TriedAttempt): TriedAttempt => tried;
