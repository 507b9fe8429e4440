import type { Response } from 'express';
import type { JobEndWatch } from '../store/job-end-watch';
import { ProblemError } from './problem';

export interface WaitingDeps {
  readonly jobEnds: JobEndWatch;
  /** How long a request waits for its page, unless it says so itself (s). */
  readonly syncWaitSec: number;
  /** Aborted when the process begins to stop; who waits is then answered at once. */
  readonly stopping: AbortSignal;
}

export interface WaitingForJob {
  /** Resolves once the job has ended, the time is over, the client has hung up or the process stops: whichever is first. */
  ended(id: string, withinMs: number): Promise<void>;
}

/**
 * Takes a place among those who wait, before anything is stored for the request; it is free again when the answer is out.
 * @throws ProblemError `too_many_waiting`
 */
export function waitingPlaceOf({ jobEnds, stopping }: WaitingDeps, res: Response): WaitingForJob {
  const place = jobEnds.takePlace();
  if (place === undefined)
    throw new ProblemError('too_many_waiting', 'As many requests as may are waiting for their page; try again.', {
      headers: { 'Retry-After': '5' },
    });
  const left = new AbortController();
  const leave = (): void => left.abort();
  res.once('close', () => {
    leave();
    place.giveBack();
  });
  return {
    // Not with `AbortSignal.any`: what it ties to a signal that lives as long as the process is never freed.
    async ended(id, withinMs) {
      const timer = setTimeout(leave, withinMs);
      stopping.addEventListener('abort', leave, { once: true });
      if (stopping.aborted) leave();
      await place.ended(id, left.signal);
      clearTimeout(timer);
      stopping.removeEventListener('abort', leave);
    },
  };
}
