import type { UsageHour } from '../../api/types';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Range {
  readonly id: string;
  readonly text: string;
  readonly ms: number;
  /** What one bar stands for. */
  readonly unit: 'hour' | 'day';
}

/** The first one is shown unless the address names another. */
export const ranges: readonly Range[] = [
  { id: '7d', text: '7 days', ms: 7 * DAY_MS, unit: 'hour' },
  { id: '1d', text: '24 hours', ms: DAY_MS, unit: 'hour' },
  { id: '30d', text: '30 days', ms: 30 * DAY_MS, unit: 'day' },
  { id: '90d', text: '90 days', ms: 90 * DAY_MS, unit: 'day' },
];

export function rangeOf(id: string | undefined): Range {
  const range = ranges.find((each) => each.id === id) ?? ranges[0];
  if (range === undefined) throw new Error('There is no range.');
  return range;
}

/** What was used in one hour or one day. */
export interface Period extends Omit<UsageHour, 'hour'> {
  /** When it began (ms since 1970). */
  readonly atMs: number;
}

/**
 * All periods of a range, those in which nothing was used too. Days are those of UTC, because the service counts whole hours and zones
 * are not always hours apart.
 */
export function periodsOf(hours: readonly UsageHour[], { ms, unit }: Range, nowMs: number): readonly Period[] {
  const step = unit === 'hour' ? HOUR_MS : DAY_MS;
  const startOf = (at: number): number => Math.floor(at / step) * step;
  const last = startOf(nowMs);
  const first = startOf(nowMs - ms);
  const periods = new Map<number, Period>();
  for (let atMs = first; atMs <= last; atMs += step)
    periods.set(atMs, { atMs, credits: 0, finished: 0, failed: 0, cancelled: 0 });
  for (const { hour, ...used } of hours) {
    const period = periods.get(startOf(Date.parse(hour)));
    if (period === undefined) continue;
    periods.set(period.atMs, {
      atMs: period.atMs,
      credits: period.credits + used.credits,
      finished: period.finished + used.finished,
      failed: period.failed + used.failed,
      cancelled: period.cancelled + used.cancelled,
    });
  }
  return [...periods.values()];
}
