import type { Queryable } from './database';

export interface Delivery {
  readonly id: string;
  readonly jobId: string;
  readonly event: string;
  readonly url: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** Calls of a receiver that are due, oldest first. */
export async function findDueDeliveries(db: Queryable, endpointId: string, limit: number): Promise<Delivery[]> {
  const rows = await db.query<{
    id: string;
    job_id: string;
    event: string;
    url: string;
    attempts: number;
    created_at: Date;
  }>(
    `select id, job_id, event, url, attempts, created_at from webhook_deliveries
     where endpoint_id = $1 and status = 'pending' and next_attempt_at <= now() order by next_attempt_at limit $2`,
    [endpointId, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    jobId: row.job_id,
    event: row.event,
    url: row.url,
    attempts: row.attempts,
    createdAt: row.created_at,
  }));
}

/** What became of a call. `nextAttemptAt` only when it is to be tried again. */
export interface DeliveryResult {
  readonly delivery: Delivery;
  readonly isDelivered: boolean;
  readonly error?: string;
  readonly nextAttemptAt?: Date;
}

export async function recordDelivery(db: Queryable, result: DeliveryResult): Promise<void> {
  const status = result.isDelivered ? 'delivered' : result.nextAttemptAt === undefined ? 'failed' : 'pending';
  await db.query(
    `with recorded as (
       update webhook_deliveries set status = $2, attempts = $3, last_error = $4, next_attempt_at = coalesce($5, next_attempt_at),
         ended_at = case when $2 = 'pending' then null else now() end
       where id = $1 and status = 'pending' returning endpoint_id)
     update webhook_endpoints set consecutive_failures = case when $2 = 'delivered' then 0 else consecutive_failures + 1 end
     where id in (select endpoint_id from recorded) and (consecutive_failures > 0 or $2 <> 'delivered')`,
    [result.delivery.id, status, result.delivery.attempts + 1, result.error ?? null, result.nextAttemptAt ?? null],
  );
}

/** When the next call of a receiver is due; undefined when nothing is left. */
export async function nextDeliveryAt(db: Queryable, endpointId: string): Promise<Date | undefined> {
  const [row] = await db.query<{ next: Date | null }>(
    `select min(next_attempt_at) as next from webhook_deliveries where endpoint_id = $1 and status = 'pending'`,
    [endpointId],
  );
  return row?.next ?? undefined;
}

export async function isHealthyEndpoint(db: Queryable, endpointId: string): Promise<boolean> {
  const [row] = await db.query<{ consecutive_failures: number }>(
    'select consecutive_failures from webhook_endpoints where id = $1',
    [endpointId],
  );
  return (row?.consecutive_failures ?? 0) === 0;
}

/** Receivers with calls that should have gone out by now: their workflow has to be woken. */
export async function findNeglectedEndpoints(
  db: Queryable,
  options: { readonly lateMs: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db.query<{ endpoint_id: string }>(
    `select distinct endpoint_id from webhook_deliveries where status = 'pending' and next_attempt_at < now() - $1::interval limit $2`,
    [`${options.lateMs} milliseconds`, options.limit],
  );
  return rows.map((row) => row.endpoint_id);
}
