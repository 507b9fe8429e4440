import type { MayGoOn } from '../async/work-pace';
import type { Database, Queryable } from './database';

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

/** Days for which the hours of a key's usage are kept. */
export const USAGE_DAYS = 90;

/** Forgets what keys used in hours of more than 90 days ago. */
export async function purgeUsageHours(db: Database, mayGoOn: MayGoOn): Promise<boolean> {
  const cutoff = await timeAgo(db, USAGE_DAYS * 24 * HOUR_MS);
  return deleteInGroups(db, { table: 'usage_hours', time: 'hour' }, cutoff, mayGoOn);
}

/** Forgets how proxies did more than an hour ago. */
export async function purgeProxyScores(db: Database, mayGoOn: MayGoOn): Promise<boolean> {
  return deleteInGroups(db, { table: 'proxy_scores', time: 'noted_at' }, await timeAgo(db, HOUR_MS), mayGoOn);
}

/** Computes a past time by the clock of PostgreSQL, which wrote these rows. */
async function timeAgo(db: Queryable, ms: number): Promise<string> {
  const [row] = await db.query<{ at: string }>('select (now() - $1::interval)::text as at', [`${ms} milliseconds`]);
  return row?.at ?? '-infinity';
}

/**
 * Deletes callbacks that do not go with a job or batch: test calls, and then receivers without a delivery in the whole retention,
 * with what is known of them. A URL that answered 410 before the cutoff is called once more.
 * @returns whether all of that is gone; false when `mayGoOn` ended it
 */
export async function purgeCallbacks(db: Database, cutoff: Date, mayGoOn: MayGoOn): Promise<boolean> {
  const where = 'job_id is null and batch_id is null';
  if (!(await deleteInGroups(db, { table: 'webhook_deliveries', time: 'created_at', where }, cutoff, mayGoOn)))
    return false;
  await db.query('delete from webhook_stops where stopped_at < $1', [cutoff]);
  await db.query(
    `delete from webhook_endpoints e where created_at < $1
       and not exists (select 1 from webhook_deliveries d where d.endpoint_id = e.id)`,
    [cutoff],
  );
  return true;
}

/** Rows per transaction, so that locks are held for milliseconds. */
const GROUP = 1_000;

interface Group {
  /** Number of rows in this group. */
  readonly found: number;
  /** Time of the last row, as PostgreSQL writes it: a Date would lose the microseconds. */
  readonly last: string | null;
}

interface OldRows {
  readonly table: string;
  /** Column that holds the age; it needs an index. */
  readonly time: string;
  /** Condition that narrows the rows; it must be the predicate of the index. */
  readonly where?: string;
  /** Further part of the statement that uses the deleted rows, `gone`. */
  readonly then?: string;
}

/**
 * Each group begins where the one before ended. From the beginning it would pass the index entries of all rows deleted so far,
 * and would take longer and longer. `ctid` is the cheapest way to a row; since a row may have been changed meanwhile, its time
 * is compared a second time.
 */
const statementOf = ({ table, time, where = 'true', then }: OldRows): string => `
with old as materialized (
  select ctid, ${time} as at from ${table} where ${time} >= $1::timestamptz and ${time} < $2::timestamptz and ${where} order by ${time} limit ${GROUP}),
gone as (delete from ${table} where ctid = any(array(select ctid from old)) and ${time} < $2::timestamptz and ${where} returning *)
${then === undefined ? '' : `, noted as (${then})`}
select count(*)::int as found, max(at)::text as last from old`;

/** Deletes the rows from before `cutoff`, oldest first. @returns whether all of them are gone; false when `mayGoOn` ended it */
async function deleteInGroups(db: Database, rows: OldRows, cutoff: Date | string, mayGoOn: MayGoOn): Promise<boolean> {
  const sql = statementOf(rows);
  let from = '-infinity';
  for (;;) {
    const [group] = await db.query<Group & Record<string, unknown>>(sql, [from, cutoff], `purge-${rows.table}`);
    if (group === undefined || group.last === null || group.found < GROUP) return true;
    from = group.last;
    if (!(await mayGoOn())) return false;
  }
}
