import type { Database } from './database';
import { deleteInGroups } from './delete-in-groups';
import type { MayGoOn } from '../async/work-pace';

/**
 * Deletes callbacks that do not go with a job or batch: test calls, and then receivers without a delivery in the whole retention,
 * with what is known of them. A URL that answered 410 before the cutoff is called once more.
 * @returns whether all of that is gone; false when `mayGoOn` ended it
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
