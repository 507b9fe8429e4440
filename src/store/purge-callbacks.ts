import type { Database } from './database';
import { deleteInGroups } from './delete-in-groups';
import type { MayGoOn } from '../async/work-pace';

/**
 * The log of a callback goes with its job or batch. What has neither goes here: test calls, and then receivers to whom nothing
 * was told for the whole retention, with what is known of them. A URL that answered 410 so long ago is asked once more.
 */
export async function purgeCallbacks(db: Database, cutoff: Date, mayGoOn: MayGoOn): Promise<boolean> {
  const where = 'job_id is null and batch_id is null';
  if (!(await deleteInGroups(db, { table: 'webhook_deliveries', time: 'created_at', where }, cutoff, mayGoOn)))
    return false;
  await db.query('delete from webhook_stops where stopped_at < $1', [cutoff]);
  await db.query(
    `delete from webhook_endpoints e where created_at < $1
       and not exists (select 1 from webhook_deliveries d where d.endpoint_id = e.id)`,
    [cutoff],
  );
  return true;
}
