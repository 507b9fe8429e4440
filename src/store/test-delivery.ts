import type { Database } from './database';
import { findDelivery } from './delivery-log';
import { testEndpointOf } from './receivers';
import type { ReplayedDelivery } from './replay-deliveries';

/** Test calls of one key that may wait; more of them would tell nobody anything new. */
export const MAX_PENDING_TESTS = 100;

/**
 * A receiver has either only test calls or none of them, so counting up to 100 rows of each is enough. `insertTestDelivery`
 * locks the row of the key, so that tests which are asked for at the same time count each other.
 */
const COUNT_PENDING = `
  select count(*) as pending from webhook_endpoints e cross join lateral (
    select d.event from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending' limit ${MAX_PENDING_TESTS}) d
  where e.api_key_id = $1 and d.event = 'test'`;

/** Inserts a test call, which is due at once. @returns undefined when the key has too many of them waiting */
export function insertTestDelivery(
  db: Database,
  apiKeyId: string,
  url: string,
  id: string,
): Promise<ReplayedDelivery | undefined> {
  const { endpointId, origin } = testEndpointOf(apiKeyId, url);
  return db.transaction(async (tx) => {
    await tx.query('select 1 from api_keys where id = $1 for no key update', [apiKeyId]);
    const [row] = await tx.query<{ pending: number }>(COUNT_PENDING, [apiKeyId]);
    if ((row?.pending ?? 0) >= MAX_PENDING_TESTS) return undefined;
    await tx.query(
      'insert into webhook_endpoints (id, api_key_id, origin) values ($1, $2, $3) on conflict (id) do nothing',
      [endpointId, apiKeyId, origin],
    );
    await tx.query(`insert into webhook_deliveries (id, endpoint_id, event, url) values ($1, $2, 'test', $3)`, [
      id,
      endpointId,
      url,
    ]);
    const delivery = await findDelivery(tx, apiKeyId, id);
    return delivery && { endpointId, delivery };
  });
}
