/** URLs that ended in one minute, as the API tells of it. Minutes in which none did are left out there. */
export interface EndedInMinute {
  readonly minute: string;
  readonly finished: number;
  readonly failed: number;
}

export interface MinuteSeries {
  /** Beginnings of minutes (seconds since 1970), without gaps. */
  readonly times: readonly number[];
  readonly finished: readonly number[];
  readonly failed: readonly number[];
}

const MINUTE_SECONDS = 60;
const minuteOf = (ms: number): number => Math.floor(ms / 60_000) * MINUTE_SECONDS;

/** The last `minutes` minutes up to `endMs`, with zeroes where nothing ended. */
export function minuteSeries(
  ended: readonly EndedInMinute[],
  { endMs, minutes }: { readonly endMs: number; readonly minutes: number },
): MinuteSeries {
  const byMinute = new Map(ended.map((one) => [minuteOf(Date.parse(one.minute)), one]));
  const last = minuteOf(endMs);
  const times = Array.from({ length: minutes }, (_, place) => last - (minutes - 1 - place) * MINUTE_SECONDS);
  return {
    times,
    finished: times.map((time) => byMinute.get(time)?.finished ?? 0),
    failed: times.map((time) => byMinute.get(time)?.failed ?? 0),
  };
}

/** URLs a second that ended in the last whole minute, and in the present one if that is more. */
export function ratePerSecond(ended: readonly EndedInMinute[], nowMs: number): number {
  const { finished, failed } = minuteSeries(ended, { endMs: nowMs, minutes: 2 });
  const [before = 0, present = 0] = finished.map((count, place) => count + (failed[place] ?? 0));
  const elapsed = Math.max(10, (nowMs / 1_000) % MINUTE_SECONDS);
  return Math.max(before / MINUTE_SECONDS, present / elapsed);
}

/** How many minutes to show of something that began and may have ended: its own, within sensible bounds. */
export const minutesToShow = (beganMs: number, endMs: number): number =>
  Math.min(60, Math.max(15, Math.ceil((endMs - beganMs) / 60_000) + 1));
