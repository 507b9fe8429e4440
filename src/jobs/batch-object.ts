import type { FailReason } from './fail-reasons';

/** What is known of a batch, wherever it is shown: its URL, the call that reports its end. */
export interface BatchRecord {
  readonly id: string;
  readonly total: number;
  /** Fetched at least once and not ended. */
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Charged so far. */
  readonly credits: number;
  /** Once it has ended. */
  readonly failuresByReason?: Readonly<Partial<Record<FailReason, number>>>;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  /** Somebody cancelled it as a whole. */
  readonly isCancelled?: boolean;
  /** Some of its URLs were cancelled, and it is not known yet whether the batch was: it shows as running for another moment. */
  readonly isEndUnclear?: boolean;
}

/**
 * A batch that was cancelled shows as cancelled unless the cancel came too late for all of its URLs; so does one whose URLs
 * were cancelled one by one, down to the last.
 */
export const endedAs = ({
  total,
  cancelled,
  isCancelled = false,
}: Pick<BatchRecord, 'total' | 'cancelled' | 'isCancelled'>): 'finished' | 'cancelled' =>
  cancelled === total || (isCancelled && cancelled > 0) ? 'cancelled' : 'finished';

/** `queued` is what remains, so the counts sum to `total` in every reply. */
export function batchObject(
  batch: BatchRecord,
  options: { readonly publicUrl: string; readonly retentionMs: number },
): Record<string, unknown> {
  const { total, running, finished, failed, cancelled } = batch;
  const endedAt = batch.isEndUnclear === true ? undefined : batch.endedAt;
  return {
    id: batch.id,
    status: endedAt === undefined ? 'running' : endedAs(batch),
    counts: { total, queued: total - running - finished - failed - cancelled, running, finished, failed, cancelled },
    credits: batch.credits,
    ...(endedAt !== undefined && { failuresByReason: batch.failuresByReason ?? {} }),
    createdAt: batch.createdAt.toISOString(),
    ...(endedAt !== undefined && {
      endedAt: endedAt.toISOString(),
      expiresAt: new Date(endedAt.getTime() + options.retentionMs).toISOString(),
    }),
    resultsUrl: `${options.publicUrl}/batches/${batch.id}/results`,
  };
}
