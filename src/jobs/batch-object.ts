import type { EndedInMinute } from './batch-eta';
import type { FailReason } from './fail-reasons';

export const pauseReasons = ['request', 'max_credits'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** A host of a batch whose attempts took long. */
export interface SlowHost {
  readonly host: string;
  /** Those that took long. */
  readonly attempts: number;
  /** What they took on average. */
  readonly meanMs: number;
}

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
  /** Number of failed URLs by reason. This and the following are not there in lists. */
  readonly failuresByReason?: Readonly<Partial<Record<FailReason, number>>>;
  /** The slowest first. */
  readonly slowestHosts?: readonly SlowHost[];
  /** What ended in the last minutes, the oldest first. */
  readonly throughput?: readonly EndedInMinute[];
  /** How long it goes on, as far as anything can be said. */
  readonly etaSeconds?: number;
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

export const batchStatuses = ['running', 'paused', 'finished', 'cancelled'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** When the batch ended, as far as clients are told. */
const shownEndOf = (batch: BatchRecord): Date | undefined => (batch.isEndUnclear === true ? undefined : batch.endedAt);

/** The status of a batch. It is paused only while it has not ended, because nothing can be resumed any more afterwards. */
export function batchStatus(batch: BatchRecord): BatchStatus {
  if (shownEndOf(batch) !== undefined) return endedAs(batch);
  return batch.pausedAt === undefined ? 'running' : 'paused';
}

/** The batch object of the HTTP API. `queued` is the remainder, so that the counts always sum to `total`. */
export function batchObject(
  batch: BatchRecord,
  options: { readonly publicUrl: string; readonly retentionMs: number },
): Record<string, unknown> {
  const { total, running, finished, failed, cancelled } = batch;
  const endedAt = shownEndOf(batch);
  const status = batchStatus(batch);
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
    ...(batch.failuresByReason !== undefined && { failuresByReason: batch.failuresByReason }),
    ...(batch.slowestHosts !== undefined && { slowestHosts: batch.slowestHosts }),
    ...(batch.throughput !== undefined && { throughput: batch.throughput.map(minuteObject) }),
    ...(status === 'running' && batch.etaSeconds !== undefined && { etaSeconds: batch.etaSeconds }),
    createdAt: batch.createdAt.toISOString(),
    ...(endedAt !== undefined && {
      endedAt: endedAt.toISOString(),
      expiresAt: new Date(endedAt.getTime() + options.retentionMs).toISOString(),
    }),
    resultsUrl: `${options.publicUrl}/batches/${batch.id}/results`,
  };
}

const minuteObject = ({ minute, finished, failed }: EndedInMinute): Record<string, unknown> => ({
  minute: minute.toISOString(),
  finished,
  failed,
});
