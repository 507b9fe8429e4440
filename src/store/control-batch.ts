import { findBatch } from './batches';
import type { StoredBatch } from './batches';
import type { Database, Queryable } from './database';

/** What may be asked of a batch that has not ended. */
export type BatchVerb = 'cancel' | 'pause' | 'resume';

/** What became of a control call. With `ended`, nothing was changed, because nothing of the batch can be changed any more. */
export type Controlled = { readonly kind: 'done' | 'unchanged' | 'ended'; readonly batch: StoredBatch };

const CHANGES: Readonly<Record<BatchVerb, string>> = {
  cancel: 'cancel_requested_at = now()',
  pause: `paused_at = now(), paused_because = 'request'`,
  resume: 'paused_at = null, paused_because = null',
};

/** Whether the batch is already as the verb would have it. */
const isAlready = (verb: BatchVerb, { cancelRequestedAt, pausedAt }: StoredBatch): boolean =>
  ({
    cancel: cancelRequestedAt !== undefined,
    pause: pausedAt !== undefined,
    resume: pausedAt === undefined,
  })[verb];

/**
 * Reads a batch and keeps others from changing it, until the transaction ends. Its URLs go on to end, as the lock is not one that
 * their statement waits for.
 * @returns undefined when the batch is gone
 */
export async function lockBatch(tx: Queryable, id: string): Promise<StoredBatch | undefined> {
  await tx.query('select 1 from batches where id = $1 for no key update', [id]);
  return findBatch(tx, id);
}

/**
 * Notes what is asked of a batch. Sweeps read it from the row; the workflow is told by whoever polls {@link findUntold}.
 * @returns undefined when the batch is gone
 */
export function controlBatch(db: Database, id: string, verb: BatchVerb): Promise<Controlled | undefined> {
  return db.transaction(async (tx) => {
    const batch = await lockBatch(tx, id);
    if (batch === undefined) return undefined;
    if (isEnded(batch)) return { kind: 'ended', batch };
    if (isAlready(verb, batch)) return { kind: 'unchanged', batch };
    if (batch.cancelRequestedAt !== undefined) return { kind: 'ended', batch };
    await tx.query(`update batches set ${CHANGES[verb]}, control_count = control_count + 1 where id = $1`, [id]);
    const changed = await findBatch(tx, id);
    return changed && { kind: 'done', batch: changed };
  });
}

/** Whether clients see the batch as ended. */
export const isEnded = ({ endedAt, isEndUnclear = false }: StoredBatch): boolean =>
  endedAt !== undefined && !isEndUnclear;

/** A batch whose workflow has to be told something. */
export interface UntoldBatch {
  readonly id: string;
  /** Set only when a programmatic client chose another id than `batch/<id>`. */
  readonly workflowId?: string;
  readonly verb: BatchVerb;
  /** Number of the call that this is about. */
  readonly count: number;
}

interface UntoldRow {
  id: string;
  workflow_id: string | null;
  control_count: number;
  is_cancelled: boolean;
  is_paused: boolean;
}

/**
 * Finds batches whose workflow has not been told what was asked last. A cancellation is told again every five seconds until the
 * batch has ended. After a hundred calls the workflow hears of one a minute, so that its history stays bounded.
 */
export async function findUntold(db: Queryable, limit: number): Promise<UntoldBatch[]> {
  const rows = await db.query<UntoldRow & Record<string, unknown>>(
    `select id, workflow_id, control_count, cancel_requested_at is not null as is_cancelled, paused_at is not null as is_paused
     from batches
     where ended_at is null and (control_told < control_count or cancel_requested_at is not null)
       and case when control_told = control_count then control_told_at < now() - interval '5 seconds'
         else control_told < 100 or control_told_at < now() - interval '1 minute' or cancel_requested_at is not null end
     order by deadline_at limit $1`,
    [limit],
    'find-untold',
  );
  return rows.map((row) => ({
    id: row.id,
    verb: row.is_cancelled ? 'cancel' : row.is_paused ? 'pause' : 'resume',
    count: row.control_count,
    ...(row.workflow_id !== null && { workflowId: row.workflow_id }),
  }));
}

/** Notes that the workflow has been told. What was asked since then is told next time. */
export async function noteTold(db: Queryable, { id, count }: Pick<UntoldBatch, 'id' | 'count'>): Promise<void> {
  await db.query(
    'update batches set control_told = greatest(control_told, $2), control_told_at = now() where id = $1 and ended_at is null',
    [id, count],
  );
}
