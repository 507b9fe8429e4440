import { createHash } from 'node:crypto';
import type { Queryable } from './database';

/** Health of a receiver: calls that failed without a success in between, and when it is called again if those were many. */
export interface ReceiverHealth {
  readonly failures: number;
  /** Time of the first of these calls. */
  readonly failingSince?: Date;
  /** Set only while the receiver is probed; it is not called before. */
  readonly nextCallAt?: Date;
}

/** A receiver with the secrets of its calls. */
export interface Receiver {
  readonly endpointId: string;
  readonly health: ReceiverHealth;
  /** Secrets `whsec_…`; two while a rotation is under way. */
  readonly secrets: readonly string[];
}

interface ReceiverRow {
  consecutive_failures: number;
  failing_since: Date | null;
  next_call_at: Date | null;
  webhook_secret: string;
  previous: string | null;
}

/** Finds a receiver; undefined when it never had a delivery, or all of them are purged. */
export async function findReceiver(db: Queryable, endpointId: string): Promise<Receiver | undefined> {
  const [row] = await db.query<ReceiverRow & Record<string, unknown>>(
    `select e.consecutive_failures, e.failing_since, e.next_call_at, k.webhook_secret,
       case when k.previous_webhook_secret_until > now() then k.previous_webhook_secret end as previous
     from webhook_endpoints e join api_keys k on k.id = e.api_key_id where e.id = $1`,
    [endpointId],
    'find-receiver',
  );
  if (row === undefined) return undefined;
  return {
    endpointId,
    health: {
      failures: row.consecutive_failures,
      ...(row.failing_since !== null && { failingSince: row.failing_since }),
      ...(row.next_call_at !== null && { nextCallAt: row.next_call_at }),
    },
    secrets: row.previous === null ? [row.webhook_secret] : [row.webhook_secret, row.previous],
  };
}

/** A call that showed a receiver to be failing. */
export interface FailedCall {
  readonly at: Date;
  readonly statusCode?: number;
  /** Short code, when no valid answer came. */
  readonly error?: string;
}

/** @param failure the call after which the receiver is in this health; none when it is healthy */
export async function saveHealth(
  db: Queryable,
  endpointId: string,
  health: ReceiverHealth,
  failure?: FailedCall,
): Promise<void> {
  await db.query(
    `update webhook_endpoints set consecutive_failures = $2, failing_since = $3, next_call_at = $4,
       failed_at = $5, failed_status_code = $6, failed_error = $7 where id = $1`,
    [
      ...[endpointId, health.failures, health.failingSince ?? null, health.nextCallAt ?? null],
      ...[failure?.at ?? null, failure?.statusCode ?? null, failure?.error ?? null],
    ],
    'save-receiver-health',
  );
}

/**
 * Notes that the receiver answers again: deliveries that failed meanwhile, or had no turn, are due now, in the order of their
 * creation. Deliveries that had failed before keep their own schedule, because the receiver was not at fault.
 */
export async function recoverReceiver(db: Queryable, endpointId: string, failingSince: Date): Promise<void> {
  await db.query(
    `with healthy as (
       update webhook_endpoints set consecutive_failures = 0, failing_since = null, next_call_at = null,
         failed_at = null, failed_status_code = null, failed_error = null where id = $1)
     update webhook_deliveries set next_attempt_at = round_started_at
     where endpoint_id = $1 and status = 'pending' and (last_attempt_at >= $2 or round_attempts = 0 and next_attempt_at > now())`,
    [endpointId, failingSince],
  );
}

/**
 * Finds receivers with calls that should have gone out by now, so that their workflow is woken. One that is probed has until its
 * next probe. The query jumps from receiver to receiver in the index of pending deliveries, however many there are.
 */
export async function findNeglectedEndpoints(
  db: Queryable,
  options: { readonly lateMs: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `with recursive waiting as (
       (select endpoint_id from webhook_deliveries where status = 'pending' order by endpoint_id limit 1)
       union all
       select (select d.endpoint_id from webhook_deliveries d where d.status = 'pending' and d.endpoint_id > w.endpoint_id
               order by d.endpoint_id limit 1)
       from waiting w where w.endpoint_id is not null)
     select e.id from waiting w join webhook_endpoints e on e.id = w.endpoint_id
     where coalesce(e.next_call_at, '-infinity') < now() - $1::interval and exists (
       select 1 from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at < now() - $1::interval)
     limit $2`,
    [`${options.lateMs} milliseconds`, options.limit],
    'find-neglected-endpoints',
  );
  return rows.map((row) => row.id);
}

export interface Endpoint {
  readonly endpointId: string;
  readonly origin: string;
}

/** Names the receiver of callbacks: one origin, for one key. Its calls share a queue, a pace and a health. */
export const endpointOf = (apiKeyId: string, callbackUrl: string): Endpoint => endpointNamed(apiKeyId, callbackUrl, '');

/** Names the receiver of test calls. They have a queue of their own: they wait behind no backlog and do not change the health of the others. */
export const testEndpointOf = (apiKeyId: string, callbackUrl: string): Endpoint =>
  endpointNamed(apiKeyId, callbackUrl, '\ntest');

function endpointNamed(apiKeyId: string, callbackUrl: string, kind: string): Endpoint {
  const { origin } = new URL(callbackUrl);
  const endpointId = createHash('sha256').update(`${apiKeyId}\n${origin}${kind}`).digest('hex').slice(0, 32);
  return { endpointId, origin };
}
