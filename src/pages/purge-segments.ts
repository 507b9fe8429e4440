import type { MayGoOn } from '../async/work-pace';
import type { Queryable } from '../store/database';
import type { SegmentStore } from './segments/segment-store';

const HOUR_MS = 3_600_000;

/**
 * Removes the segments of whole hours that no row can point to any more, because they are older than the cutoff and than the oldest
 * page still referenced, with an hour of margin for clocks that differ and for the time between page and row.
 * @returns the hours it went through; a part of the last one may be left when `mayGoOn` ended it
 */
export async function purgeSegments(
  db: Queryable,
  segments: SegmentStore,
  cutoff: Date,
  mayGoOn: MayGoOn,
): Promise<string[]> {
  const [row] = await db.query<{ oldest: Date | null }>(
    'select min(ended_at) as oldest from jobs where ended_at is not null',
  );
  const oldestMs = Math.min(cutoff.getTime(), row?.oldest?.getTime() ?? Infinity);
  const limit = new Date(oldestMs - 2 * HOUR_MS).toISOString().slice(0, 13).replace(/[-T]/g, '/');
  const removed: string[] = [];
  for (const hour of await segments.listHours()) {
    if (hour.replace(/^segments\//, '') >= limit) continue;
    await segments.removeHour(hour, mayGoOn);
    removed.push(hour);
    if (!(await mayGoOn())) break;
  }
  return removed;
}
