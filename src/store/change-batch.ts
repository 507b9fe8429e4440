import { findBatch } from './batches';
import type { StoredBatch } from './batches';
import { isEnded, lockBatch } from './control-batch';
import type { Database, Queryable } from './database';

/** What may be changed of a batch at any time. Null takes it away, undefined leaves it. */
export interface BatchChange {
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly maxCredits?: number | null | undefined;
  readonly maxPerHost?: number | null | undefined;
}

export type Changed =
  | { readonly kind: 'done'; readonly batch: StoredBatch }
  /** The cap would be below what is spent, or promised to what is being fetched. */
  | { readonly kind: 'below-spent'; readonly spent: number }
  /** A running batch without a cap spends without asking, so it has to be paused before it can get one. */
  | { readonly kind: 'not-paused' }
  /** Only sweeps keep to a cap. */
  | { readonly kind: 'not-swept' };

/** Within this time every sweep has heard of a pause, and has said what it still fetches (ms). */
const HEARD_MS = 3_000;

/**
 * Changes a batch, all or nothing.
 * @returns undefined when the batch is gone
 */
export function changeBatch(db: Database, id: string, change: BatchChange): Promise<Changed | undefined> {
  return db.transaction(async (tx) => {
    const batch = await lockBatch(tx, id);
    if (batch === undefined) return undefined;
    const { maxCredits } = change;
    const refusal = typeof maxCredits === 'number' ? await refusalOf(tx, batch, maxCredits) : undefined;
    if (refusal !== undefined) return refusal;
    const given = (value: unknown) => value !== undefined;
    await tx.query(
      `update batches set
         name = case when $2 then $3 else name end, tags = case when $4 then coalesce($5::text[], '{}') else tags end,
         max_credits = case when $6 then $7::bigint else max_credits end, max_per_host = case when $8 then $9::int else max_per_host end
       where id = $1`,
      [
        id,
        ...[given(change.name), change.name ?? null],
        ...[given(change.tags), change.tags ?? null],
        ...[given(maxCredits), maxCredits ?? null],
        ...[given(change.maxPerHost), change.maxPerHost ?? null],
      ],
    );
    const changed = await findBatch(tx, id);
    return changed && { kind: 'done', batch: changed };
  });
}

async function refusalOf(tx: Queryable, batch: StoredBatch, maxCredits: number): Promise<Changed | undefined> {
  if (batch.fanOut === 'jobs') return { kind: 'not-swept' };
  const isNew = batch.maxCredits === undefined && !isEnded(batch);
  const pausedForMs = Date.now() - (batch.pausedAt?.getTime() ?? Infinity);
  if (isNew && (batch.running > 0 || !(pausedForMs > HEARD_MS))) return { kind: 'not-paused' };
  const [row] = await tx.query<{ spent: number }>(
    `select sum(credits + case when ended_at is null then reserved else 0 end)::bigint as spent from batch_chunks where batch_id = $1`,
    [batch.id],
  );
  const spent = row?.spent ?? 0;
  return maxCredits < spent ? { kind: 'below-spent', spent } : undefined;
}
