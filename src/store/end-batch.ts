import { endedAs } from '../jobs/batch-object';
import { createDeliveryId } from '../jobs/delivery-object';
import { findBatch } from './batches';
import type { StoredBatch } from './batches';
import type { Queryable } from './database';
import { urlHashOf } from './end-deliveries';
import { endpointOf } from './receivers';

export interface EndedBatch {
  readonly batch: StoredBatch;
  /** Receivers that have a new delivery. */
  readonly endpointIds: readonly string[];
}

export interface EndBatchOptions {
  /** Whether somebody cancelled the batch as a whole. */
  readonly isCancelled?: boolean;
  /** How many times its failed URLs had been given their time once more when that was. @default now */
  readonly round?: number;
}

/**
 * Ends the row and adds the delivery that reports it, together and only once. The end was read before, and clients see it as soon as
 * it can be read, so its failed URLs may have been given their time once more meanwhile: then it is not ended any longer.
 */
const END_BATCH = `
with ended as (
  update batches set ended_at = $2 where id = $1 and ended_at is null and retry_rounds = $9 returning id, api_key_id
),
endpoint as (
  insert into webhook_endpoints (id, api_key_id, origin) select $3::text, api_key_id, $4::text from ended where $3 is not null
  on conflict (id) do nothing
)
insert into webhook_deliveries (id, endpoint_id, batch_id, event, url, status, ended_at)
select $5::uuid, $3, e.id, $6::text, $7::text, case when s.stopped_at is null then 'pending' else 'stopped' end,
  case when s.stopped_at is not null then now() end
from ended e left join webhook_stops s on s.endpoint_id = $3 and s.url_hash = $8::text
where $3 is not null
returning endpoint_id`;

/**
 * Notes on the batch row that all its URLs have ended. Noting it again changes nothing.
 * @returns the batch; undefined when it is gone
 */
export async function endBatch(
  db: Queryable,
  id: string,
  { isCancelled = false, round }: EndBatchOptions = {},
): Promise<EndedBatch | undefined> {
  // What was asked for counts, whatever way the URLs came to their end.
  await db.query(
    `update batches set cancelled_at = coalesce(cancel_requested_at, now())
     where id = $1 and cancelled_at is null and ($2 or cancel_requested_at is not null) and ended_at is null and ($3::int is null or retry_rounds = $3)`,
    [id, isCancelled, round ?? null],
  );
  const batch = await findBatch(db, id);
  if (batch === undefined) return undefined;
  if (batch.endedAt === undefined) return { batch, endpointIds: [] };
  const url = batch.onDoneUrl;
  const { endpointId, origin } = url === undefined ? {} : endpointOf(batch.apiKeyId, url);
  const told = await db.query<{ endpoint_id: string }>(END_BATCH, [
    id,
    batch.endedAt,
    endpointId ?? null,
    origin ?? null,
    createDeliveryId(),
    `batch.${endedAs(batch)}`,
    url ?? null,
    url === undefined ? null : urlHashOf(url),
    batch.retryRounds,
  ]);
  return { batch, endpointIds: told.map((row) => row.endpoint_id) };
}
