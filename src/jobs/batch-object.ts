import type { FailReason } from './fail-reasons';

export const pauseReasons = ['request', 'max_credits'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** The fields of a batch that clients see in its status URL and in the callback at its end. */
export interface BatchRecord {
  readonly id: string;
  readonly name?: string;
  readonly tags?: readonly string[];
  /** Most credits that it may cost. Before that would be exceeded it pauses. */
  readonly maxCredits?: number;
  /** Most fetches in flight to one host, of this batch. */
  readonly maxPerHost?: number;
  /** Whether URLs that are given twice with equal options are fetched once. */
  readonly dedupe?: boolean;
  /** Since when nothing new is fetched. */
  readonly pausedAt?: Date;
  readonly pausedBecause?: PauseReason;
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

/** The status of a batch. It is paused only while it has not ended, because nothing can be resumed any more afterwards. */
function statusOf(batch: BatchRecord, isEnded: boolean): 'running' | 'paused' | 'finished' | 'cancelled' {
  if (isEnded) return endedAs(batch);
  return batch.pausedAt === undefined ? 'running' : 'paused';
}

/** The batch object of the HTTP API. `queued` is the remainder, so that the counts always sum to `total`. */
export function batchObject(
  batch: BatchRecord,
  options: { readonly publicUrl: string; readonly retentionMs: number },
): Record<string, unknown> {
  const { total, running, finished, failed, cancelled } = batch;
  const endedAt = batch.isEndUnclear === true ? undefined : batch.endedAt;
  const status = statusOf(batch, endedAt !== undefined);
  return {
    id: batch.id,
    ...(batch.name !== undefined && { name: batch.name }),
    tags: batch.tags ?? [],
    status,
    ...(status === 'paused' && { pausedBecause: batch.pausedBecause ?? 'request' }),
    counts: { total, queued: total - running - finished - failed - cancelled, running, finished, failed, cancelled },
    credits: batch.credits,
    ...(batch.maxCredits !== undefined && { maxCredits: batch.maxCredits }),
    ...(batch.maxPerHost !== undefined && { maxPerHost: batch.maxPerHost }),
    ...(batch.dedupe === true && { dedupe: true }),
    ...(endedAt !== undefined && { failuresByReason: batch.failuresByReason ?? {} }),
    createdAt: batch.createdAt.toISOString(),
    ...(endedAt !== undefined && {
      endedAt: endedAt.toISOString(),
      expiresAt: new Date(endedAt.getTime() + options.retentionMs).toISOString(),
    }),
    resultsUrl: `${options.publicUrl}/batches/${batch.id}/results`,
  };
}
