import type { Queryable } from './database';

/** URLs of a batch that a worker fetches right now: for the first time, and those that it has tried before. */
export interface BatchFetches {
  readonly first: number;
  readonly again: number;
}

const NOTE = `
with given as (
  select * from unnest($2::uuid[], $3::int[], $4::int[]) as g(batch_id, fetches, again)
),
gone as (
  delete from batch_fetches where worker_id = $1 and batch_id in (select batch_id from given where fetches + again = 0)
)
insert into batch_fetches (batch_id, worker_id, fetches, again)
select g.batch_id, $1, g.fetches, g.again from given g join batches b on b.id = g.batch_id where g.fetches + g.again > 0
on conflict (batch_id, worker_id) do update set fetches = excluded.fetches, again = excluded.again, noted_at = now()`;

/**
 * Notes how many URLs of these batches a worker fetches right now.
 * @param counts by batch; zeros take back what was noted before
 */
export async function noteBatchFetches(
  db: Queryable,
  workerId: string,
  counts: ReadonlyMap<string, BatchFetches>,
): Promise<void> {
  if (counts.size === 0) return;
  const given = [...counts.values()];
  const values = [workerId, [...counts.keys()], given.map(({ first }) => first), given.map(({ again }) => again)];
  await db.query(NOTE, values);
}

/** SQL that says whether a note `f` is believed. Older notes are not, because their worker has stopped. */
export const IS_NOTED_LATELY = `f.noted_at > now() - interval '10 seconds'`;

const sumOf = (columns: string): string =>
  `(select coalesce(sum(${columns}), 0) from batch_fetches f where f.batch_id = b.id and ${IS_NOTED_LATELY})`;

/** SQL for the number of first fetches of the batch `b` that are in flight. */
export const FIRST_FETCHES = sumOf('f.fetches');

/** SQL for the number of all its fetches that are in flight. */
export const ALL_FETCHES = sumOf('f.fetches + f.again');
