import { createHash } from 'node:crypto';
import type { Queryable } from './database';

/** Rows per statement, so that locks are held for milliseconds. */
const GROUP = 2_000;

/**
 * Gives up deliveries that have waited for a call longer than any schedule: a receiver that is down for good is called rarely,
 * and most of its deliveries never have their turn.
 * @param afterMs how long a delivery may be overdue (ms)
 */
export async function expireDeliveries(db: Queryable, endpointId: string, afterMs: number): Promise<void> {
  const sql = `
    update webhook_deliveries set status = 'failed', ended_at = now() where id in (
      select id from webhook_deliveries
      where endpoint_id = $1 and status = 'pending' and next_attempt_at < now() - $2::interval order by next_attempt_at limit ${GROUP}
      for update skip locked)
    returning id`;
  while ((await db.query(sql, [endpointId, `${afterMs} milliseconds`], 'expire-deliveries')).length === GROUP);
}

/** Hashes a URL for `webhook_stops`, because URLs may be longer than an index takes. The row also has the receiver. */
export const urlHashOf = (callbackUrl: string): string => createHash('md5').update(callbackUrl).digest('hex');

/** Stops a URL that answered 410: neither its pending deliveries nor later ones are sent, until someone replays them. */
export async function stopUrl(db: Queryable, endpointId: string, callbackUrl: string): Promise<void> {
  await db.query(
    `insert into webhook_stops (endpoint_id, url_hash, url) values ($1, $2, $3)
     on conflict (endpoint_id, url_hash) do update set stopped_at = now(), url = excluded.url`,
    [endpointId, urlHashOf(callbackUrl), callbackUrl],
  );
  const sql = `
    update webhook_deliveries set status = 'stopped', ended_at = now() where id in (
      select id from webhook_deliveries where endpoint_id = $1 and status = 'pending' and url = $2
      order by id limit ${GROUP} for update)
    returning id`;
  while ((await db.query(sql, [endpointId, callbackUrl])).length === GROUP);
}
