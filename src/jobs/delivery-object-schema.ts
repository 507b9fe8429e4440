import { z } from 'zod';
import type { DeliveryEvent, DeliveryStatus } from './delivery-object';

/**
 * Schemas of what `deliveryObject` returns and of the answers around it. The OpenAPI document is made from them, and tests compare
 * answers with them.
 */

const time = z.iso.datetime();

export const deliveryStatuses = ['pending', 'delivered', 'failed', 'stopped'] as const satisfies DeliveryStatus[];
const deliveryEvents = [
  'job.finished',
  'job.failed',
  'job.cancelled',
  'batch.finished',
  'batch.cancelled',
  'test',
] as const satisfies DeliveryEvent[];

const Attempt = z
  .strictObject({
    at: time,
    statusCode: z.int().optional().describe('Absent where no answer came.'),
    error: z.string().optional().describe('Why there was no answer that counts.'),
    durationMs: z.int().min(0),
    answer: z.string().optional().describe('The first 1,000 bytes of the answer, as text.'),
  })
  .describe('One call.');

export const DeliveryObject = z
  .strictObject({
    id: z.uuid().describe('UUIDv7; the `webhook-id` of every call.'),
    jobId: z.uuid().optional().describe('The job that it tells of.'),
    batchId: z.uuid().optional().describe('The batch that it tells of. A test call has neither.'),
    event: z.enum(deliveryEvents).describe('What it tells.'),
    url: z.string().describe('The receiver; user and password are `***`.'),
    status: z
      .enum(deliveryStatuses)
      .describe('`pending`: will be called (again). `failed`: given up. `stopped`: its URL has answered 410.'),
    nextAttemptAt: time.optional().describe('Only while pending; not called before.'),
    createdAt: time,
    endedAt: time.optional().describe('When it was delivered, given up or stopped.'),
    attemptCount: z.int().min(0).describe('Calls made, those before a replay included.'),
    attempts: z.array(Attempt).max(100).describe('The last 100 calls, oldest first; in lists the last one alone.'),
  })
  .describe('One callback and what became of it.');

export const DeliveryPage = z.strictObject({
  items: z.array(DeliveryObject).max(1_000).describe('Newest first.'),
  nextCursor: z.uuid().optional().describe('`cursor` of the next page; absent on the last one.'),
});

export const Replayed = z.strictObject({ replayed: z.int().min(0).describe('Deliveries that are pending again.') });

export const WebhookSecret = z.strictObject({
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{43}=$/)
    .describe('What callbacks are signed with (standardwebhooks.com).'),
  previousValidUntil: time
    .optional()
    .describe('Time until which calls also carry a signature made with the previous secret.'),
});
