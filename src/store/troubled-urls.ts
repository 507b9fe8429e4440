import { createHash } from 'node:crypto';
import type { Queryable } from './database';
import type { ReceiverHealth } from './receivers';

/** A callback URL that is left alone for a while, by its key. */
export interface TroubledUrl {
  readonly key: string;
  readonly health: Required<ReceiverHealth>;
}

const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? '';

/** Makes the key that tells the URLs of one receiver apart: a hash of the URL without its query, as in the index of deliveries. */
export const urlKeyOf = (url: string): string => createHash('md5').update(withoutQuery(url)).digest('hex');

/** Rows that one receiver may have, even if every job has a URL of its own. */
export const MAX_TROUBLED_URLS = 1_000;

export async function findTroubledUrls(db: Queryable, endpointId: string): Promise<TroubledUrl[]> {
  const rows = await db.query<{
    url_key: string;
    consecutive_failures: number;
    failing_since: Date;
    next_call_at: Date;
  }>(
    'select url_key, consecutive_failures, failing_since, next_call_at from webhook_troubled_urls where endpoint_id = $1',
    [endpointId],
    'find-troubled-urls',
  );
  return rows.map((row) => ({
    key: row.url_key,
    health: { failures: row.consecutive_failures, failingSince: row.failing_since, nextCallAt: row.next_call_at },
  }));
}

/** Notes that a URL is left alone. Beyond the bound, those that would be called first are forgotten. */
export async function saveTroubledUrl(
  db: Queryable,
  endpointId: string,
  url: string,
  health: TroubledUrl['health'],
): Promise<void> {
  await db.query(
    `insert into webhook_troubled_urls (endpoint_id, url_key, consecutive_failures, failing_since, next_call_at, url)
     select id, $2, $3, $4, $5, $6 from webhook_endpoints where id = $1
     on conflict (endpoint_id, url_key) do update set consecutive_failures = excluded.consecutive_failures,
       failing_since = excluded.failing_since, next_call_at = excluded.next_call_at, url = excluded.url`,
    [endpointId, urlKeyOf(url), health.failures, health.failingSince, health.nextCallAt, withoutQuery(url)],
    'save-troubled-url',
  );
  await db.query(
    `delete from webhook_troubled_urls where endpoint_id = $1 and url_key in (
       select url_key from webhook_troubled_urls where endpoint_id = $1 order by next_call_at desc offset ${MAX_TROUBLED_URLS})`,
    [endpointId],
    'bound-troubled-urls',
  );
}

/**
 * Notes that a URL takes calls again: its deliveries that failed meanwhile or were put off are due now, in the order of their
 * creation. Those that failed before and were not put off keep their own schedule.
 */
export async function recoverUrl(db: Queryable, endpointId: string, key: string, failingSince: Date): Promise<void> {
  await db.query(
    `with healthy as (delete from webhook_troubled_urls where endpoint_id = $1 and url_key = $2)
     update webhook_deliveries set next_attempt_at = round_started_at, deferred = false
     where endpoint_id = $1 and status = 'pending' and md5(split_part(url, '?', 1)) = $2
       and (last_attempt_at >= $3 or round_attempts = 0 or deferred)`,
    [endpointId, key, failingSince],
  );
}

/** Puts off calls that are due, for URLs that are left alone until then. A delivery that was replayed meanwhile keeps its time. */
export async function deferDeliveries(
  db: Queryable,
  deferred: readonly { readonly id: string; readonly until: Date }[],
): Promise<void> {
  await db.query(
    `update webhook_deliveries d set next_attempt_at = t.until, deferred = true
     from unnest($1::uuid[], $2::timestamptz[]) as t(id, until)
     where d.id = t.id and d.status = 'pending' and d.next_attempt_at <= now()`,
    [deferred.map(({ id }) => id), deferred.map(({ until }) => until)],
    'defer-deliveries',
  );
}
