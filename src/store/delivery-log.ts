import type { DeliveryEvent, DeliveryStatus, DeliveryRecord } from '../jobs/delivery-object';
import { MAX_BATCH_URLS, batchMemberId, idTimeMs } from '../jobs/job-id';
import { redactUrl } from '../telemetry/redact-url';
import type { Queryable } from './database';
import { parameters } from './sql-parameters';
import type { AddParameter } from './sql-parameters';

/** Conditions that select deliveries of a key. */
export interface DeliverySelection {
  /** Origin of the receiver. */
  readonly origin?: string | undefined;
  readonly statuses?: readonly DeliveryStatus[] | undefined;
  readonly since?: Date | undefined;
  /** End of the time range, exclusive. */
  readonly until?: Date | undefined;
}

export interface DeliveryFilter extends DeliverySelection {
  readonly jobId?: string | undefined;
  /** Id of a batch: its own call and those of its members are listed. */
  readonly batchId?: string | undefined;
  /** Last id of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface ListedDeliveries {
  readonly items: readonly DeliveryRecord[];
  readonly nextCursor?: string;
}

/** Attempts that are shown of a single delivery, which are all that are kept. A list shows only the last one. */
const SHOWN_ATTEMPTS = 100;

/** Lists deliveries of a key, newest first, each with its last attempt. */
export async function listDeliveries(
  db: Queryable,
  apiKeyId: string,
  filter: DeliveryFilter,
): Promise<ListedDeliveries> {
  const { values, add } = parameters();
  const limit = add(filter.limit + 1);
  const found = foundSql(apiKeyId, filter, limit, add);
  const page = `select id from (${found}) d order by id desc limit ${limit}`;
  const rows = await db.query<DeliveryRow>(shownSql(page, 1), values);
  const items = rows.slice(0, filter.limit).map(recordOf);
  const last = items.at(-1);
  return { items, ...(rows.length > filter.limit && last !== undefined && { nextCursor: last.id }) };
}

/** Finds a delivery with its last attempts; undefined when the key has no such delivery. */
export async function findDelivery(db: Queryable, apiKeyId: string, id: string): Promise<DeliveryRecord | undefined> {
  const own = `
    select d.id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id where d.id = $1 and e.api_key_id = $2`;
  const [row] = await db.query<DeliveryRow>(shownSql(own, SHOWN_ATTEMPTS), [id, apiKeyId]);
  return row && recordOf(row);
}

/**
 * Deliveries of a job or batch are few and come from an index of their own. Any other selection takes the newest of each
 * receiver. `materialized` keeps the parts from being planned together: a limit would make a scan of the whole log look cheap.
 */
function foundSql(apiKeyId: string, filter: DeliveryFilter, limit: string, add: AddParameter): string {
  const { jobId, batchId, cursor } = filter;
  const endpoints = endpointConditions(apiKeyId, filter, add);
  const conditions =
    deliveryConditions(filter, add) + (cursor === undefined ? '' : ` and d.id < ${add(cursor.toLowerCase())}::uuid`);
  if (jobId === undefined && batchId === undefined)
    return `
      select d.id from webhook_endpoints e cross join lateral (
        select d.id from webhook_deliveries d where d.endpoint_id = e.id${conditions} order by d.id desc limit ${limit}) d
      where ${endpoints}`;
  const subjects = [
    ...(jobId === undefined ? [] : [`d.job_id = ${add(jobId)}::uuid`]),
    ...(batchId === undefined ? [] : [`(d.batch_id = ${add(batchId)}::uuid or ${membersOf(batchId, add)})`]),
  ];
  return `
    with told as materialized (
      select d.id, d.endpoint_id from webhook_deliveries d where ${subjects.join(' and ')}${conditions})
    select d.id from told d join webhook_endpoints e on e.id = d.endpoint_id where ${endpoints}`;
}

const membersOf = (batchId: string, add: AddParameter): string =>
  `d.job_id between ${add(batchMemberId(batchId, 0))}::uuid and ${add(batchMemberId(batchId, MAX_BATCH_URLS - 1))}::uuid`;

interface DeliveryRow {
  id: string;
  job_id: string | null;
  batch_id: string | null;
  event: DeliveryEvent;
  url: string;
  status: DeliveryStatus;
  next_attempt_at: Date;
  created_at: Date;
  ended_at: Date | null;
  attempts: number;
  shown: { at: string; statusCode?: number; error?: string; durationMs: number; answer?: string }[] | null;
}

/** The next attempt is not before the next call of its receiver, which is later while the receiver is probed. */
const shownSql = (idsSql: string, attempts: number): string => `
with shown as materialized (${idsSql})
select d.id, d.job_id, d.batch_id, d.event, d.url, d.status, d.created_at, d.ended_at, d.attempts,
  greatest(d.next_attempt_at, e.next_call_at) as next_attempt_at, a.shown
from shown s join webhook_deliveries d on d.id = s.id join webhook_endpoints e on e.id = d.endpoint_id
left join lateral (
  select json_agg(json_strip_nulls(json_build_object('at', l.at, 'statusCode', l.status_code, 'error', l.error,
    'durationMs', l.duration_ms, 'answer', l.answer)) order by l.at) as shown
  from (select * from webhook_attempts where delivery_id = d.id order by at desc limit ${attempts}) l) a on true
order by d.id desc`;

const recordOf = (row: DeliveryRow): DeliveryRecord => ({
  id: row.id,
  ...(row.job_id !== null && { jobId: row.job_id }),
  ...(row.batch_id !== null && { batchId: row.batch_id }),
  event: row.event,
  url: redactUrl(row.url),
  status: row.status,
  nextAttemptAt: row.next_attempt_at,
  // This is the time that the list is sorted and filtered by.
  createdAt: new Date(idTimeMs(row.id) ?? row.created_at),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  attemptCount: row.attempts,
  attempts: (row.shown ?? []).map(({ at, ...rest }) => ({ at: new Date(at), ...rest })),
});

/** Makes the least id of that millisecond: ids begin with their time, so ranges of time are ranges of ids. */
function firstIdAt(time: Date): string {
  const hex = Math.max(time.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * Writes the conditions on the receivers `e` of a key.
 * @returns SQL
 */
export function endpointConditions(apiKeyId: string, { origin }: DeliverySelection, add: AddParameter): string {
  return `e.api_key_id = ${add(apiKeyId)}${origin === undefined ? '' : ` and e.origin = ${add(origin)}`}`;
}

/**
 * Writes the conditions on deliveries `d`. Statuses are literals, because a partial index does not match a parameter.
 * @returns SQL that begins with `and`, or an empty text
 */
export function deliveryConditions({ statuses, since, until }: DeliverySelection, add: AddParameter): string {
  return [
    ...(statuses === undefined ? [] : [`d.status in (${statuses.map((status) => `'${status}'`).join(', ')})`]),
    ...(since === undefined ? [] : [`d.id >= ${add(firstIdAt(since))}::uuid`]),
    ...(until === undefined ? [] : [`d.id < ${add(firstIdAt(until))}::uuid`]),
  ]
    .map((condition) => ` and ${condition}`)
    .join('');
}
