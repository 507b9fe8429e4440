/** How many URLs of a batch ended in one minute. */
export interface EndedInMinute {
  /** Beginning of the minute. */
  readonly minute: Date;
  readonly finished: number;
  readonly failed: number;
}

export interface Progress {
  /** URLs that have not ended. */
  readonly left: number;
  /** At least those of the last two minutes. */
  readonly minutes: readonly EndedInMinute[];
  /** The next try of the URL that waits longest for it. */
  readonly waitsUntil?: Date | undefined;
  readonly createdAt: Date;
  /** All URLs have ended by then. */
  readonly deadlineAt: Date;
  readonly now: Date;
}

const MINUTE_MS = 60_000;

/**
 * Estimates how long a batch goes on, in seconds, from the rate of the last minute and from what waits for its next try.
 * @returns undefined when nothing ended in the last minute, because nothing can be said then
 */
export function etaSeconds({ left, minutes, waitsUntil, createdAt, deadlineAt, now }: Progress): number | undefined {
  if (left === 0) return undefined;
  const observedMs = Math.min(Math.max(now.getTime() - createdAt.getTime(), 1_000), MINUTE_MS);
  const perMs = endedIn(minutes, now) / observedMs;
  if (perMs === 0) return undefined;
  const waitMs = (waitsUntil?.getTime() ?? 0) - now.getTime();
  const untilDeadlineMs = deadlineAt.getTime() - now.getTime();
  return Math.max(Math.ceil(Math.min(Math.max(left / perMs, waitMs), untilDeadlineMs) / 1_000), 1);
}

/** URLs that ended in the last 60 seconds. Of the minute before, the part that lies within them is counted. */
function endedIn(minutes: readonly EndedInMinute[], now: Date): number {
  const current = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  const shareBefore = 1 - (now.getTime() - current) / MINUTE_MS;
  const sum = (at: number): number =>
    minutes
      .filter(({ minute }) => minute.getTime() === at)
      .reduce((total, { finished, failed }) => total + finished + failed, 0);
  return sum(current) + shareBefore * sum(current - MINUTE_MS);
}
