import type { Database, Queryable } from './database';
import { deleteInGroups } from './delete-in-groups';
import type { MayGoOn } from '../async/work-pace';

const HOUR_MS = 3_600_000;

/**
 * Removes jobs that ended before the cutoff, then batches all of whose URLs ended before it. Their ids are remembered
 * until they are so old that the id alone tells (24 h of trying + retention), so that they answer 410 and not 404.
 * @returns whether all of that is gone; false when `mayGoOn` ended it
 */
export async function purgeRows(db: Database, cutoff: Date, mayGoOn: MayGoOn): Promise<boolean> {
  const then = 'insert into expired_ids (id) select id from gone where batch_id is null on conflict (id) do nothing';
  const isDone = await deleteInGroups(db, { table: 'jobs', time: 'ended_at', then }, cutoff, mayGoOn);
  return isDone && (await purgeBatches(db, cutoff, mayGoOn));
}

/**
 * The rows of the manifest are deleted with their batch, and each holds 500 URLs, so a group has batches of about 50,000 URLs.
 * Each group begins after the one before, as in {@link deleteInGroups}; a batch that still has jobs is passed over.
 */
const PURGE_BATCHES = `
with oldest as (
  select id, ended_at, total from batches
  where ended_at >= $1::timestamptz and (ended_at, id) > ($1::timestamptz, $2::uuid) and ended_at < $3 order by ended_at, id limit 200),
old as materialized (
  select id, ended_at from (select id, ended_at, sum(total) over (order by ended_at, id) - total as urls_before from oldest) as summed
  where urls_before < 50000),
gone as (
  delete from batches b where id in (select id from old) and ended_at < $3
    and not exists (select 1 from jobs j where j.batch_id = b.id) returning id),
noted as (insert into expired_ids (id) select id from gone on conflict (id) do nothing)
select ended_at::text, id from old order by ended_at desc, id desc limit 1`;

async function purgeBatches(db: Database, cutoff: Date, mayGoOn: MayGoOn): Promise<boolean> {
  let last = { ended_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const values = [last.ended_at, last.id, cutoff];
    const [found] = await db.query<typeof last>(PURGE_BATCHES, values, 'purge-batches');
    if (found === undefined) return true;
    last = found;
    if (!(await mayGoOn())) return false;
  }
}

/** Forgets expired ids whose own time by now tells that they are expired. */
export async function purgeExpiredIds(db: Database, retentionMs: number, mayGoOn: MayGoOn): Promise<boolean> {
  const cutoff = await timeAgo(db, retentionMs + 24 * HOUR_MS);
  return deleteInGroups(db, { table: 'expired_ids', time: 'expired_at' }, cutoff, mayGoOn);
}

/** Forgets `Idempotency-Key`s of more than 24 hours ago. */
export async function purgeIdempotencyKeys(db: Database, mayGoOn: MayGoOn): Promise<boolean> {
  const cutoff = await timeAgo(db, 24 * HOUR_MS);
  return deleteInGroups(db, { table: 'idempotency_keys', time: 'created_at' }, cutoff, mayGoOn);
}

/** Computes a past time by the clock of PostgreSQL, which wrote these rows. */
async function timeAgo(db: Queryable, ms: number): Promise<string> {
  const [row] = await db.query<{ at: string }>('select (now() - $1::interval)::text as at', [`${ms} milliseconds`]);
  return row?.at ?? '-infinity';
}
