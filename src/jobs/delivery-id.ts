import { randomUUID } from 'node:crypto';

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
