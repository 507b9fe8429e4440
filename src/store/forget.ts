import { batchPlaceOf, chunkPlaceOf } from '../jobs/job-id';
import type { Database, Queryable } from './database';
import { NO_URL } from './forgotten-row';
import type { StoredJob } from './jobs';
import { noteErasures } from './page-erasures';

/** What became of a wish to forget something. `forgotten`: its rows are gone, and its pages, which are in these segments, are noted. */
export type Forgotten =
  { readonly kind: 'forgotten'; readonly segments: readonly string[] } | { readonly kind: 'running' | 'gone' };

const NOTE_IDS = 'insert into expired_ids (id) select unnest($1::uuid[]) on conflict (id) do nothing';

/** Deletes a batch that has ended, with its jobs and deliveries. Their ids answer `expired` from now on. */
export function forgetBatch(db: Database, id: string): Promise<Forgotten> {
  return db.transaction(async (tx) => {
    await tx.query("set local statement_timeout = '5min'"); // 50,000 jobs with their deliveries
    const [batch] = await tx.query('select 1 from batches where id = $1 for no key update', [id]);
    if (batch === undefined) return { kind: 'gone' };
    const open = await tx.query('select 1 from batch_chunks where batch_id = $1 and ended_at is null limit 1', [id]);
    if (open.length > 0) return { kind: 'running' };
    const segments = await noteErasures(tx, 'batch_id = $1', id);
    await tx.query(NOTE_IDS, [[id]]);
    await tx.query('delete from jobs where batch_id = $1', [id]);
    await tx.query('delete from batches where id = $1', [id]);
    return { kind: 'forgotten', segments };
  });
}

/**
 * Empties a job that has ended, and deletes its deliveries. A row without content stays for as long as results are kept: a late attempt finds
 * that the job has ended, and the counts of its batch still sum. URLs that share its page are forgotten with it.
 */
export function forgetJob(db: Database, job: StoredJob): Promise<Forgotten> {
  return db.transaction(async (tx) => {
    const ids = await lockSharing(tx, job);
    const rows = await tx.query<{ status: string }>('select status from jobs where id = any($1) and url <> $2', [
      ids,
      NO_URL,
    ]);
    if (rows.length === 0) return { kind: 'gone' };
    if (rows.some(({ status }) => status === 'running')) return { kind: 'running' };
    const segments = await noteErasures(tx, 'id = any($1)', ids);
    await tx.query(NOTE_IDS, [ids]);
    await emptyRows(tx, ids);
    if (job.batchId !== undefined) await emptyManifest(tx, job.batchId, ids);
    return { kind: 'forgotten', segments };
  });
}

/** Locks the job and those of equal URLs that have their page in the same record. */
async function lockSharing(tx: Queryable, { id, batchId, isDeduped, page }: StoredJob): Promise<string[]> {
  const owner = page?.ownerId ?? id;
  const shares = batchId !== undefined && isDeduped === true && page !== undefined;
  const rows = await tx.query<{ id: string }>(
    `select id from jobs where ${shares ? 'batch_id = $2 and (id = $1 or page_owner = $1)' : 'id = $1'} order by id for update`,
    shares ? [owner, batchId] : [id],
  );
  return rows.map((row) => row.id);
}

async function emptyRows(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query('delete from webhook_deliveries where job_id = any($1)', [ids]);
  await tx.query(
    `update jobs set url = $2, options = null, status = 'cancelled', last_failure = null, tried = null, fail_reason = null, segment = null,
       segment_offset = null, segment_length = null, screenshot_length = null, page_crc32 = null, screenshot_crc32 = null, page_owner = null
     where id = any($1)`,
    [ids, NO_URL],
  );
}

async function emptyManifest(tx: Queryable, batchId: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const index = batchPlaceOf(id)?.index;
    if (index === undefined) continue;
    const { chunk, place } = chunkPlaceOf(index);
    const values = [batchId, chunk, place + 1];
    const where = 'where batch_id = $1 and number = $2';
    await tx.query(`update batch_chunks set urls[$3::int] = '' ${where}`, values);
    // An element of an array that is not there would make the array.
    for (const column of ['client_ids', 'line_options'])
      await tx.query(`update batch_chunks set ${column}[$3::int] = null ${where} and ${column} is not null`, values);
  }
}

/** Notes that a batch is to be cancelled, as `controlBatch` does, and deleted as soon as it has ended. */
export async function requestDeletion(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update batches set delete_requested_at = coalesce(delete_requested_at, now()), cancel_requested_at = coalesce(cancel_requested_at, now()),
       control_count = control_count + case when cancel_requested_at is null then 1 else 0 end
     where id = $1`,
    [id],
  );
}

/** Ids of batches that are to be deleted, the oldest wish first. */
export async function findToDelete(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select id from batches where delete_requested_at is not null order by delete_requested_at limit $1',
    [limit],
    'find-to-delete',
  );
  return rows.map(({ id }) => id);
}
