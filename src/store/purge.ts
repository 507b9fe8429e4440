import type { Database, Queryable } from './database';
import type { SegmentStore } from './segments/segment-store';

/** Rows per transaction, so that a purge never holds locks for long. */
const GROUP = 1_000;
const HOUR_MS = 3_600_000;

/**
 * Removes jobs that ended before the cutoff, then batches all of whose URLs ended before it. Their ids are remembered
 * until they are so old that the id alone tells (24 h of trying + retention), so that they answer 410 and not 404.
 * @returns whether there is more to do.
 */
export async function purgeRows(db: Database, cutoff: Date): Promise<boolean> {
  const jobs = await db.query(
    `with gone as (
       delete from jobs where id in (select id from jobs where ended_at < $1 order by ended_at limit $2) returning id, batch_id),
     noted as (insert into expired_ids (id) select id from gone where batch_id is null on conflict (id) do nothing)
     select id from gone`,
    [cutoff, GROUP],
  );
  const batches = await db.query(
    `with gone as (
       delete from batches b where id in (select id from batches where ended_at < $1 order by ended_at limit 10)
         and not exists (select 1 from jobs j where j.batch_id = b.id) returning id),
     noted as (insert into expired_ids (id) select id from gone on conflict (id) do nothing)
     select id from gone`,
    [cutoff],
  );
  return jobs.length === GROUP || batches.length === 10;
}

/** Forgets expired ids that tell their age themselves by now. */
export async function purgeExpiredIds(db: Queryable, retentionMs: number): Promise<void> {
  await db.query('delete from expired_ids where expired_at < now() - $1::interval', [
    `${retentionMs + 24 * HOUR_MS} milliseconds`,
  ]);
}

/**
 * Removes the segments of whole hours that no row can point to any more: older than the cutoff and than the oldest
 * page still referenced, with an hour of margin for clocks that differ and for the time between page and row.
 * @returns the hours removed.
 */
export async function purgeSegments(db: Queryable, segments: SegmentStore, cutoff: Date): Promise<string[]> {
  const [row] = await db.query<{ oldest: Date | null }>(
    'select min(ended_at) as oldest from jobs where ended_at is not null',
  );
  const oldestMs = Math.min(cutoff.getTime(), row?.oldest?.getTime() ?? Infinity);
  const limit = new Date(oldestMs - 2 * HOUR_MS).toISOString().slice(0, 13).replace(/[-T]/g, '/');
  const removed: string[] = [];
  for (const hour of await segments.listHours()) {
    if (hour.replace(/^segments\//, '') >= limit) continue;
    await segments.removeHour(hour);
    removed.push(hour);
  }
  return removed;
}
