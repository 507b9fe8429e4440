import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryRecord } from '../jobs/delivery-object';
import type { Database, Queryable } from './database';
import { deliveryConditions, endpointConditions, findDelivery } from './delivery-log';
import type { DeliverySelection } from './delivery-log';
import { urlHashOf } from './end-deliveries';
import { urlKeyOf } from './troubled-urls';
import { parameters } from './sql-parameters';
import type { AddParameter } from './sql-parameters';

/** Rows per transaction, so that locks are held for milliseconds. */
const GROUP = 2_000;
const MAX_TRIES = 5;
/** Pause after a deadlock, so that the other transaction has gone on by then. */
const PAUSE_MS = 100;
const MIN_ID = '00000000-0000-0000-0000-000000000000';

export interface ReplayedDelivery {
  readonly endpointId: string;
  /** The delivery after the replay. */
  readonly delivery: DeliveryRecord;
}

/** Makes a delivery pending once more, whatever became of it. @returns undefined when the key has no such delivery */
export function replayDelivery(db: Database, apiKeyId: string, id: string): Promise<ReplayedDelivery | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ endpoint_id: string }>(
      `select d.endpoint_id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
       where d.id = $1 and e.api_key_id = $2`,
      [id, apiKeyId],
    );
    if (row === undefined) return undefined;
    await beginRound(tx, row.endpoint_id, [id], {});
    const delivery = await findDelivery(tx, apiKeyId, id);
    return delivery && { endpointId: row.endpoint_id, delivery };
  });
}

export interface ReplayedDeliveries {
  readonly count: number;
  /** Receivers that have deliveries in a new round. */
  readonly endpointIds: readonly string[];
}

/**
 * Makes all deliveries of a range pending once more, group by group. When it breaks off, what it has done stays, and the same
 * call again does the rest. Test calls are left out, because a replay is for what was lost.
 */
export async function replayDeliveries(
  db: Database,
  apiKeyId: string,
  selection: DeliverySelection & Required<Pick<DeliverySelection, 'since' | 'statuses'>>,
): Promise<ReplayedDeliveries> {
  let count = 0;
  const endpointIds: string[] = [];
  for (const endpointId of await endpointsWith(db, apiKeyId, selection)) {
    const before = count;
    let after: string | undefined = MIN_ID;
    while (after !== undefined) {
      const group: Group = await replayGroup(db, endpointId, after, selection);
      count += group.replayed;
      after = group.next;
    }
    if (count > before) endpointIds.push(endpointId);
  }
  return { count, endpointIds };
}

const selected = (selection: DeliverySelection, add: AddParameter): string =>
  `${deliveryConditions(selection, add)} and d.event <> 'test'`;

async function endpointsWith(db: Queryable, apiKeyId: string, selection: DeliverySelection): Promise<string[]> {
  const { values, add } = parameters();
  const endpoints = endpointConditions(apiKeyId, selection, add);
  const rows = await db.query<{ id: string }>(
    `select e.id from webhook_endpoints e cross join lateral (
       select d.id from webhook_deliveries d where d.endpoint_id = e.id${selected(selection, add)} order by d.id limit 1) d
     where ${endpoints} order by e.id`,
    values,
  );
  return rows.map(({ id }) => id);
}

interface Group {
  readonly replayed: number;
  /** Id after which the next group begins. Undefined: this was the last group. */
  readonly next: string | undefined;
}

async function replayGroup(
  db: Database,
  endpointId: string,
  after: string,
  selection: DeliverySelection,
): Promise<Group> {
  const { values, add } = parameters();
  const sql = `
    select d.id from webhook_deliveries d
    where d.endpoint_id = ${add(endpointId)} and d.id > ${add(after)}::uuid${selected(selection, add)} order by d.id limit ${GROUP}`;
  const ids = (await db.query<{ id: string }>(sql, values)).map(({ id }) => id);
  if (ids.length === 0) return { replayed: 0, next: undefined };
  const replayed = await unlessDeadlocked(() =>
    db.transaction((tx) => beginRound(tx, endpointId, ids, { statuses: selection.statuses })),
  );
  return { replayed, next: ids.length === GROUP ? ids.at(-1) : undefined };
}

/** Repeats work that PostgreSQL ended as a deadlock: the worker and retention lock the same rows in another order. */
async function unlessDeadlocked<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== '40P01' || tries === MAX_TRIES) throw error;
      await sleep(tries * PAUSE_MS);
    }
  }
}

/**
 * Begins a new round of deliveries. Those that have left the selection since they were looked up stay as they are. The receiver
 * may be called at once, even if it is failing, and the URLs even if they have answered 410.
 * @returns how many deliveries are in a new round
 */
async function beginRound(
  tx: Queryable,
  endpointId: string,
  ids: readonly string[],
  selection: Pick<DeliverySelection, 'statuses'>,
): Promise<number> {
  const { values, add } = parameters();
  const rows = await tx.query<{ url: string }>(
    `with locked as (
       select d.id from webhook_deliveries d where d.id = any(${add(ids)}::uuid[])${deliveryConditions(selection, add)}
       order by d.id for update)
     update webhook_deliveries d set status = 'pending', round = d.round + 1, round_attempts = 0, round_started_at = now(),
       next_attempt_at = now(), deferred = false, ended_at = null
     from locked l where d.id = l.id returning d.url`,
    values,
  );
  if (rows.length === 0) return 0;
  const urls = [...new Set(rows.map(({ url }) => url))];
  const hashes = urls.map(urlHashOf);
  await tx.query('delete from webhook_stops where endpoint_id = $1 and url_hash = any($2::text[])', [
    endpointId,
    hashes,
  ]);
  await tx.query('update webhook_endpoints set next_call_at = now() where id = $1 and next_call_at is not null', [
    endpointId,
  ]);
  await tx.query(
    'update webhook_troubled_urls set next_call_at = now() where endpoint_id = $1 and url_key = any($2::text[])',
    [endpointId, urls.map(urlKeyOf)],
  );
  return rows.length;
}
