import { z } from 'zod';

/** Schemas of what `keyObject` returns and of the answers around it. The OpenAPI document is made from them, and tests compare answers with them. */

const time = z.iso.datetime();
const count = z.int().min(0);

export const KeyObject = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    isAdmin: z.boolean().describe('Whether it sees and manages all keys.'),
    createdAt: time,
    revokedAt: time.optional().describe('Since when it is refused; absent while it is valid.'),
    limits: z.strictObject({
      credits: count.optional().describe('What it may spend in all; absent: no limit.'),
      concurrency: z.int().min(1).optional().describe('Its fetches in flight; absent: no limit of its own.'),
      submitsPerSecond: z.int().min(1).describe('Submissions per second.'),
      maxUnfinished: z.int().min(1).describe('URLs that have not ended.'),
    }),
    usage: z.strictObject({
      credits: count.describe('What it has spent since it was made.'),
      reserved: count.describe('What is promised to URLs that have not ended.'),
      unfinished: count.describe('URLs that have not ended.'),
      finished: count,
      failed: count,
      cancelled: count,
    }),
  })
  .describe('A key, without the key itself, which is not stored.');

export const CreatedKey = KeyObject.extend({
  key: z
    .string()
    .regex(/^ef_[0-9a-f]{40}$/)
    .describe('The key itself. Only its hash is stored: it cannot be shown again.'),
}).describe('A key that was just made.');

export const KeyPage = z.strictObject({
  items: z.array(KeyObject).max(1_000).describe('Oldest first, the revoked ones too.'),
  nextCursor: z.string().optional().describe('Where the next page begins; absent on the last page.'),
});
