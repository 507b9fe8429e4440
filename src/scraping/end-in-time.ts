import { AttemptTimeoutError } from '../fetch/attempt-clock';
import type { FetchForAttemptOptions } from '../fetch/create-attempts';

type OnStart = NonNullable<FetchForAttemptOptions['onStart']>;

/** What noting an attempt takes: so long before the job's end its last fetch is given up, at most a tenth of the time that is left. */
const MARGIN_MS = 500;
/** An attempt that begins longer than this before the end is over by then. */
const LONGEST_ATTEMPT_MS = 15 * 60_000;

/** Gives up a fetch just before its job's time is over, so that it can still be noted as the attempt that it was. */
export interface EndInTime {
  readonly onStart: OnStart | undefined;
  readonly stop: () => void;
}

/** @param onStart of the caller, who may want to end the fetch as well */
export function endInTime(deadlineAt: Date, onStart: OnStart | undefined): EndInTime {
  const leftMs = deadlineAt.getTime() - Date.now();
  // Nearly every job has a day: a timer for each of its fetches would never fire.
  if (leftMs > LONGEST_ATTEMPT_MS || leftMs <= 0) return { onStart, stop: () => undefined };
  const limitMs = leftMs - Math.min(MARGIN_MS, leftMs / 10);
  let timer: NodeJS.Timeout | undefined;
  return {
    onStart: (interrupt) => {
      timer = setTimeout(() => interrupt(new AttemptTimeoutError(limitMs)), limitMs);
      onStart?.(interrupt);
    },
    stop: () => clearTimeout(timer),
  };
}
