import type { FailReason } from './fail-reasons';

/** The fields of a batch that clients see in its status URL and in the callback at its end. */
export interface BatchRecord {
  readonly id: string;
  readonly total: number;
  /** URLs that are being fetched or wait for their next try; as of the last second. */
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Credits that were charged so far. */
  readonly credits: number;
  /** Number of failed URLs by reason, once the batch has ended. */
  readonly failuresByReason?: Readonly<Partial<Record<FailReason, number>>>;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  /** True when the batch was cancelled as a whole. */
  readonly isCancelled?: boolean;
  /** True while some URLs are cancelled and it is not known yet whether the whole batch is; it shows as running for another moment. */
  readonly isEndUnclear?: boolean;
}

/**
 * The final status of a batch. It is cancelled when the batch was cancelled in time for at least one URL, or when all of its URLs
 * were cancelled one by one.
 */
export const endedAs = ({
  total,
  cancelled,
  isCancelled = false,
}: Pick<BatchRecord, 'total' | 'cancelled' | 'isCancelled'>): 'finished' | 'cancelled' =>
  cancelled === total || (isCancelled && cancelled > 0) ? 'cancelled' : 'finished';

/** The batch object of the HTTP API. `queued` is the remainder, so that the counts always sum to `total`. */
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
