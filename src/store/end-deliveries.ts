import { createHash } from 'node:crypto';
import type { Queryable } from './database';

/** Rows per statement, so that locks are held for milliseconds. */
const GROUP = 2_000;

/**
 * Gives up what has waited for a call longer than any schedule: a receiver that is down for good is called rarely, and most of
 * what is kept for it never had its turn.
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

/** As `webhook_stops` keeps it: URLs are longer than an index takes. Which key and origin it belongs to stands beside it. */
export const urlHashOf = (callbackUrl: string): string => createHash('md5').update(callbackUrl).digest('hex');

/** The URL wants no more calls (410): what is pending for it is not sent, nor what comes later, until someone replays it. */
export async function stopUrl(db: Queryable, endpointId: string, callbackUrl: string): Promise<void> {
  await db.query(
    'insert into webhook_stops (endpoint_id, url_hash) values ($1, $2) on conflict (endpoint_id, url_hash) do update set stopped_at = now()',
    [endpointId, urlHashOf(callbackUrl)],
  );
  const sql = `
    update webhook_deliveries set status = 'stopped', ended_at = now() where id in (
      select id from webhook_deliveries where endpoint_id = $1 and status = 'pending' and url = $2
      order by id limit ${GROUP} for update)
    returning id`;
  while ((await db.query(sql, [endpointId, callbackUrl])).length === GROUP);
}
