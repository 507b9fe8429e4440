import { randomUUID } from 'node:crypto';

/** What a callback tells. Each is the name of the thing and of the state it has reached. */
export type DeliveryEvent =
  'job.finished' | 'job.failed' | 'job.cancelled' | 'batch.finished' | 'batch.cancelled' | 'test';

/** `pending`: will be called (again). `failed`: given up. `stopped`: its URL has answered 410. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'stopped';

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

let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7 (RFC 9562 §5.7) whose 12 bits behind the time count within the millisecond (§6.2, method 1), so that the log is in
 * the order in which one process wrote it. It is the `webhook-id` of every call, so it never changes.
 */
export function createDeliveryId(nowMs = Date.now()): string {
  sequence = nowMs > lastMs ? 0 : sequence + 1;
  lastMs = Math.max(lastMs, nowMs);
  if (sequence > 0xfff) {
    lastMs += 1; // 4,096 in a millisecond: the next one is borrowed from
    sequence = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  // A random UUID has its variant and 62 random bits in the last two groups, and costs a twentieth of 8 random bytes (measured).
  const random = randomUUID().slice(19);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${random}`;
}
