import { z } from 'zod';
import { lenientInteger } from './lenient';
import type { ReceiverState, ReceiverUrlState } from './receiver-object';

/** Schemas of what `receiverObject` returns and of the list around it, and of the query of that list. */

const time = z.iso.datetime();
export const receiverStates = ['healthy', 'failing', 'probing'] as const satisfies ReceiverState[];
const urlStates = ['refusing', 'stopped'] as const satisfies ReceiverUrlState[];

const fields = {
  id: z.string().regex(/^[0-9a-f]{32}$/),
  origin: z.string().describe('Scheme, host and port of its URLs.'),
  health: z
    .enum(receiverStates)
    .describe(
      '`failing`: its last call failed. `probing`: many did; it gets one call at a time, after growing pauses.',
    ),
  pending: z.int().min(0).describe('Callbacks that wait for a call. Counted up to 1,000,000; in lists up to 10,000.'),
  failingSince: time.optional().describe('The first failure without a success since.'),
  nextCallAt: time.optional().describe('Only while it is probed; not called before.'),
  lastError: z
    .strictObject({
      at: time,
      statusCode: z.int().optional().describe('Absent where no answer came.'),
      error: z.string().optional().describe('Why there was no answer that counts.'),
    })
    .optional()
    .describe('Its last failed call, while it is failing or probed.'),
  troubledUrls: z.int().min(0).describe('How many of its URLs refuse, or are stopped.'),
};

const ReceiverUrl = z.strictObject({
  url: z.string().describe('User and password are `***`; without the query when it refuses.'),
  health: z
    .enum(urlStates)
    .describe('`refusing`: left alone for a while. `stopped`: it has answered 410; only a replay calls it again.'),
  since: time,
  nextCallAt: time.optional().describe('Only of one that refuses; not called before.'),
});

export const ReceiverObject = z
  .strictObject({ ...fields, urls: z.array(ReceiverUrl).max(1_000).describe('The newest 1,000 of these.') })
  .describe('Where callbacks of a key go: all URLs of one origin.');

export const ReceiverPage = z.strictObject({
  items: z.array(z.strictObject(fields)).max(1_000).describe('In the order of their origins.'),
  nextCursor: z.string().optional().describe('`cursor` of the next page; absent on the last one.'),
});

/** Query of the list of receivers. */
export const ReceiverQuery = z.object({
  health: z.enum(receiverStates, { error: 'must be healthy, failing or probing' }).optional(),
  limit: lenientInteger(1, 1_000).optional(),
  cursor: z.string({ error: 'must be given once' }).max(20_000, 'is not one of this list').optional(),
});
