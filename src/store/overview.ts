import type { EndedInMinute } from '../jobs/batch-eta';
import { IS_NOTED_LATELY } from './batch-fetches';
import type { Queryable } from './database';
import { IS_NO_TEST } from './list-receivers';

/** What goes on, of one key or of the whole installation. */
export interface OverviewNumbers {
  /** URLs that have not ended. */
  readonly unfinished: number;
  /** Those that are being fetched, and single jobs that are due. */
  readonly running: number;
  /** Those that wait for their next try. */
  readonly retrying: number;
  readonly openBatches: number;
  /** The oldest minute first. */
  readonly throughput: readonly EndedInMinute[];
  readonly receiversInTrouble: number;
  readonly credits: { readonly used: number; readonly reserved: number; readonly limit?: number };
}

interface OverviewRow {
  readonly unfinished: number;
  readonly used: number;
  readonly reserved: number;
  readonly credit_limit: number | null;
  readonly open_batches: number;
  readonly first_fetches: number;
  readonly again_fetches: number;
  readonly tried: number;
  readonly singles_due: number;
  readonly singles_waiting: number;
  readonly receivers: number;
  readonly minutes: readonly { readonly minute: string; readonly finished: number; readonly failed: number }[];
}

/** Rows that are looked at, so that an overview stays cheap whatever the installation holds. */
const MAX_BATCHES = 10_000;
const MAX_WAITING = 50_000;
const MAX_ENDED_SINGLES = 5_000;
const MINUTES = 60;

/**
 * Everything in one statement, so that the numbers belong together. What could be many rows is read up to a limit: open batches, URLs
 * that wait, batches that have ended in the last hour, and the newest single jobs.
 * @param isOf condition on the column with the id of the key. One for all would keep the planner from using indexes of keys
 */
const overviewSql = (isOf: (column: string) => string): string => `
with open as materialized (
  select b.id from batches b where b.ended_at is null and ${isOf('b.api_key_id')} limit ${MAX_BATCHES}
),
lately as materialized (
  select id from open
  union all
  (select b.id from batches b where b.ended_at > now() - interval '${MINUTES} minutes' and ${isOf('b.api_key_id')} limit ${MAX_BATCHES})
),
newest as (
  select date_trunc('minute', s.ended_at) as minute, (s.status = 'finished')::int as finished, (s.status = 'failed')::int as failed
  from (
    select e.ended_at, e.status from api_keys k cross join lateral (
      select j.ended_at, j.status from jobs j where j.api_key_id = k.id and j.batch_id is null
      order by j.created_at desc, j.id desc limit ${MAX_ENDED_SINGLES}) e
    where ${isOf('k.id')} limit ${MAX_ENDED_SINGLES}) s
  where s.ended_at > date_trunc('minute', now()) - interval '${MINUTES} minutes'
),
minutes as (
  select minute, sum(finished)::int as finished, sum(failed)::int as failed from (
    select m.minute, m.finished, m.failed from lately l join batch_minutes m on m.batch_id = l.id
    where m.minute > date_trunc('minute', now()) - interval '${MINUTES} minutes'
    union all select minute, finished, failed from newest) as each_of_them
  group by minute having sum(finished) + sum(failed) > 0
),
singles as (
  select count(*) filter (where next_attempt_at > now()) as waiting, count(*) as unfinished from (
    select j.next_attempt_at from jobs j where j.status = 'running' and j.batch_id is null and ${isOf('j.api_key_id')} limit ${MAX_WAITING}) s
),
fetches as (
  select coalesce(sum(f.fetches), 0) as first, coalesce(sum(f.again), 0) as again
  from batch_fetches f join open o on o.id = f.batch_id where ${IS_NOTED_LATELY}
),
purse as (
  select sum(u.unfinished) as unfinished, sum(u.credits) as used, sum(u.reserved) as reserved, max(k.credit_limit) as credit_limit
  from usage u join api_keys k on k.id = u.api_key_id where ${isOf('u.api_key_id')}
)
select p.unfinished::bigint as unfinished, p.used::bigint as used, p.reserved::bigint as reserved, p.credit_limit,
  (select count(*) from open) as open_batches,
  f.first as first_fetches, f.again as again_fetches,
  (select count(*) from (select from open o join jobs j on j.batch_id = o.id and j.status = 'running' limit ${MAX_WAITING}) t) as tried,
  s.unfinished - s.waiting as singles_due, s.waiting as singles_waiting,
  (select count(*) from webhook_endpoints e where ${isOf('e.api_key_id')} and ${IS_NO_TEST} and (e.failing_since is not null
    or exists (select from webhook_troubled_urls u where u.endpoint_id = e.id))) as receivers,
  (select coalesce(json_agg(m order by m.minute), '[]') from minutes m) as minutes
from purse p cross join singles s cross join fetches f`;

const OF_KEY = overviewSql((column) => `${column} = $1`);
const OF_ALL = overviewSql(() => 'true');

/** Reads what goes on. @param apiKeyId the key; undefined for the whole installation */
export async function readOverview(db: Queryable, apiKeyId: string | undefined): Promise<OverviewNumbers> {
  const [row] =
    apiKeyId === undefined
      ? await db.query<OverviewRow & Record<string, unknown>>(OF_ALL, [], 'overview')
      : await db.query<OverviewRow & Record<string, unknown>>(OF_KEY, [apiKeyId], 'overview-of-key');
  if (row === undefined) throw new Error('sums without groups give one row');
  const { unfinished } = row;
  // The notes of fetches are a second old, so the parts are cut to what is left in all.
  const running = Math.min(row.first_fetches + row.again_fetches + row.singles_due, unfinished);
  const waiting = Math.max(row.tried - row.again_fetches, 0) + row.singles_waiting;
  const retrying = Math.min(waiting, unfinished - running);
  const limit = apiKeyId === undefined ? null : row.credit_limit;
  return {
    ...{ unfinished, running, retrying, openBatches: row.open_batches, receiversInTrouble: row.receivers },
    throughput: row.minutes.map(({ minute, ...counts }) => ({ minute: new Date(minute), ...counts })),
    credits: { used: row.used, reserved: row.reserved, ...(limit !== null && { limit }) },
  };
}
