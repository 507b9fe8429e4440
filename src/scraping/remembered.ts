import { confirmedReasonOf } from '../jobs/confirmed-refusals';
import { MAX_TRIED } from '../jobs/tried-attempt';
import type { TriedAttempt } from '../jobs/tried-attempt';

/**
 * A job's history with one more attempt at its end, and without the oldest where it would grow too long. What a second attempt would
 * confirm stays however old it is; there is at most one of each kind, because the second one ends the job.
 */
export function remembered(history: readonly TriedAttempt[], last: TriedAttempt): readonly TriedAttempt[] {
  let surplus = history.length + 1 - MAX_TRIED;
  const kept = history.filter((tried) => {
    if (surplus <= 0 || confirmedReasonOf(tried) !== undefined) return true;
    surplus -= 1;
    return false;
  });
  return [...kept, last].slice(-MAX_TRIED);
}
