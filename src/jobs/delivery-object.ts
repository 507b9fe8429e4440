import type { DeliveryEvent, DeliveryStatus } from './delivery-events';

/** What one call of a delivery came to. */
export interface DeliveryAttempt {
  readonly at: Date;
  readonly statusCode?: number;
  /** Why there was no answer that counts: a short code. */
  readonly error?: string;
  readonly durationMs: number;
  /** The beginning of the answer. */
  readonly answer?: string;
}

/** What is known of a delivery. */
export interface DeliveryRecord {
  readonly id: string;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly event: DeliveryEvent;
  /** Without user and password. */
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly nextAttemptAt: Date;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  readonly attemptCount: number;
  /** Oldest first; not always all of them. */
  readonly attempts: readonly DeliveryAttempt[];
}

/** The delivery as the HTTP surface shows it. */
export function deliveryObject(delivery: DeliveryRecord): Record<string, unknown> {
  const { id, jobId, batchId, event, url, status, nextAttemptAt, createdAt, endedAt, attemptCount, attempts } =
    delivery;
  return {
    id,
    ...(jobId !== undefined && { jobId }),
    ...(batchId !== undefined && { batchId }),
    event,
    url,
    status,
    ...(status === 'pending' && { nextAttemptAt: nextAttemptAt.toISOString() }),
    createdAt: createdAt.toISOString(),
    ...(endedAt !== undefined && { endedAt: endedAt.toISOString() }),
    attemptCount,
    attempts: attempts.map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest })),
  };
}
