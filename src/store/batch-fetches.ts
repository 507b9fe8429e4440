import type { Queryable } from './database';

const NOTE = `
with given as (
  select * from unnest($2::uuid[], $3::int[]) as g(batch_id, fetches)
),
gone as (
  delete from batch_fetches where worker_id = $1 and batch_id in (select batch_id from given where fetches = 0)
)
insert into batch_fetches (batch_id, worker_id, fetches)
select g.batch_id, $1, g.fetches from given g join batches b on b.id = g.batch_id where g.fetches > 0
on conflict (batch_id, worker_id) do update set fetches = excluded.fetches, noted_at = now()`;

/**
 * Notes how many URLs of these batches a worker fetches for the first time right now.
 * @param counts by batch; 0 takes back what was noted before
 */
export async function noteBatchFetches(
  db: Queryable,
  workerId: string,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  if (counts.size > 0) await db.query(NOTE, [workerId, [...counts.keys()], [...counts.values()]]);
}

/** SQL for the number of first fetches of the batch `b` that are in flight. Older notes are ignored, because their worker has stopped. */
export const FIRST_FETCHES = `
  (select coalesce(sum(f.fetches), 0) from batch_fetches f where f.batch_id = b.id and f.noted_at > now() - interval '10 seconds')`;
