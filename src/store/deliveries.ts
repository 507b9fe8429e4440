import type { DeliveryEvent, DeliveryStatus } from '../jobs/delivery-object';
import { arrayLiteral } from './database';
import type { Queryable } from './database';

/** A callback that has not been delivered yet. */
export interface Delivery {
  readonly id: string;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly event: DeliveryEvent;
  readonly url: string;
  readonly createdAt: Date;
  /** Number of the round: 1, and 2 after the first replay. */
  readonly round: number;
  /** Calls made in this round. */
  readonly roundAttempts: number;
  readonly roundStartedAt: Date;
}

interface DeliveryRow {
  id: string;
  job_id: string | null;
  batch_id: string | null;
  event: DeliveryEvent;
  url: string;
  created_at: Date;
  round: number;
  round_attempts: number;
  round_started_at: Date;
}

const DUE = `
  select id, job_id, batch_id, event, url, created_at, round, round_attempts, round_started_at from webhook_deliveries
  where endpoint_id = $1 and status = 'pending' and next_attempt_at <= now()`;

/**
 * Finds the calls of a receiver that are due, oldest first or newest first.
 * @param options `urlKey` narrows to one URL; see `urlKeyOf`
 */
export async function findDueDeliveries(
  db: Queryable,
  endpointId: string,
  options: { readonly limit: number; readonly newestFirst?: boolean; readonly urlKey?: string },
): Promise<Delivery[]> {
  const { limit, newestFirst = false, urlKey } = options;
  const order = newestFirst ? 'order by next_attempt_at desc, id desc' : 'order by next_attempt_at, id';
  const ofUrl = urlKey === undefined ? '' : `and md5(split_part(url, '?', 1)) = $3`;
  const rows = await db.query<DeliveryRow>(
    `${DUE} ${ofUrl} ${order} limit $2`,
    [endpointId, limit, ...(urlKey === undefined ? [] : [urlKey])],
    `find-${newestFirst ? 'newest' : 'due'}-deliveries${urlKey === undefined ? '' : '-of-url'}`,
  );
  return rows.map((row) => ({
    id: row.id,
    ...(row.job_id !== null && { jobId: row.job_id }),
    ...(row.batch_id !== null && { batchId: row.batch_id }),
    event: row.event,
    url: row.url,
    createdAt: row.created_at,
    round: row.round,
    roundAttempts: row.round_attempts,
    roundStartedAt: row.round_started_at,
  }));
}

/** Attempts that are kept for one delivery: a receiver that comes and goes may get more of them than the schedule has. */
const LOG_PLACES = 100;

/** One call and what becomes of its delivery. */
export interface CallRecord {
  readonly delivery: Delivery;
  readonly status: DeliveryStatus;
  /** Time of the next call, while the delivery stays pending. */
  readonly nextAttemptAt?: Date;
  /** Whether that time was put off because the URL is left alone. */
  readonly isDeferred?: boolean;
  readonly at: Date;
  readonly durationMs: number;
  readonly statusCode?: number;
  /** Reason why there was no valid answer: a short code, without the URL or texts of others. */
  readonly error?: string;
  /** The beginning of the answer, without NUL, which PostgreSQL cannot keep in a text. */
  readonly answer?: string;
}

/**
 * Rows are locked in order of id. A delivery that was replayed while it was called is in another round by now: the call is
 * recorded, but its outcome does not end the new round. Deliveries that retention has removed meanwhile are passed over.
 * The commit does not wait for the disk, which fetching needs more: when PostgreSQL itself crashes, the calls of the last half
 * second or so are made again, under the same ids.
 */
const RECORD_CALLS = `
with input as (
  select * from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::int[], $7::int[], $8::text[], $9::text[], $10::boolean[])
    as t(id, round, status, next_attempt_at, at, duration_ms, status_code, error, answer, deferred)
),
locked as (
  select d.id from webhook_deliveries d where d.id = any($1::uuid[]) order by d.id for update
),
changed as (
  update webhook_deliveries d set
    attempts = d.attempts + 1, last_attempt_at = i.at,
    round_attempts = case when d.round = i.round then d.round_attempts + 1 else d.round_attempts end,
    status = case when d.round = i.round and d.status = 'pending' then i.status else d.status end,
    next_attempt_at = case when d.round = i.round then coalesce(i.next_attempt_at, d.next_attempt_at) else d.next_attempt_at end,
    deferred = case when d.round = i.round then i.deferred else d.deferred end,
    ended_at = case when d.round = i.round and i.status <> 'pending' then now() else d.ended_at end
  from locked l join input i on i.id = l.id
  where d.id = l.id
  returning d.id, d.attempts, i.at, i.status_code, i.error, i.duration_ms, i.answer
)
insert into webhook_attempts (delivery_id, place, at, status_code, error, duration_ms, answer)
select id, (attempts - 1) % ${LOG_PLACES}, at, status_code, error, duration_ms, answer
from changed cross join (select set_config('synchronous_commit', 'off', true)) as soon
on conflict (delivery_id, place) do update set at = excluded.at, status_code = excluded.status_code, error = excluded.error,
  duration_ms = excluded.duration_ms, answer = excluded.answer`;

/** Records the outcomes of calls in one statement, so all or none of them. No delivery may be among them twice. */
export async function recordCalls(db: Queryable, calls: readonly CallRecord[]): Promise<void> {
  const column = (pick: (call: CallRecord) => string | number | undefined) => arrayLiteral(calls.map(pick));
  await db.query(
    RECORD_CALLS,
    [
      column(({ delivery }) => delivery.id),
      column(({ delivery }) => delivery.round),
      column(({ status }) => status),
      column(({ nextAttemptAt }) => nextAttemptAt?.toISOString()),
      column(({ at }) => at.toISOString()),
      column(({ durationMs }) => durationMs),
      column(({ statusCode }) => statusCode),
      column(({ error }) => error),
      column(({ answer }) => answer),
      column(({ isDeferred = false }) => String(isDeferred)),
    ],
    'record-calls',
  );
}

/** @returns when the next call of a receiver is due; undefined when nothing is left */
export async function nextDeliveryAt(db: Queryable, endpointId: string): Promise<Date | undefined> {
  const [row] = await db.query<{ next: Date | null }>(
    `select min(next_attempt_at) as next from webhook_deliveries where endpoint_id = $1 and status = 'pending'`,
    [endpointId],
    'next-delivery-at',
  );
  return row?.next ?? undefined;
}
