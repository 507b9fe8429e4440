import { z } from 'zod';
import { proxyTiers } from './features';

const time = z.iso.datetime();
const count = z.int().min(0);

/** Answer of `GET /overview`. */
export const Overview = z.strictObject({
  version: z.string().describe('Version of the service.'),
  temporalUi: z
    .strictObject({ url: z.string(), namespace: z.string() })
    .optional()
    .describe("Where Temporal's Web UI is, as far as the service knows (`TEMPORAL_UI_URL`)."),
  isAdmin: z.boolean().describe('Whether this is an admin key: then the numbers are those of the whole installation.'),
  urls: z
    .strictObject({
      queued: count.describe('Never begun.'),
      running: count.describe('Being fetched, as of the last second. A single job that is due counts as well.'),
      retrying: count.describe('They failed at least once and wait for their next try; counted up to 50,000.'),
    })
    .describe('URLs that have not ended. Together they are exact.'),
  openBatches: count.describe('Batches that have not ended; counted up to 10,000.'),
  throughput: z
    .array(z.strictObject({ minute: time, finished: count, failed: count }))
    .max(61)
    .describe(
      'How many URLs ended in each of the last 60 minutes, the oldest first; a minute in which none did is left out. Of single jobs, the newest 5,000 are looked at.',
    ),
  workers: z
    .array(
      z.strictObject({
        id: z.uuid(),
        seenAt: time.describe('When it was heard of last.'),
        isAlive: z.boolean().describe('Whether that was within the last minute.'),
        features: z.strictObject({
          hasBrowser: z.boolean(),
          proxies: z
            .array(z.strictObject({ tier: z.enum(proxyTiers), country: z.string().optional() }))
            .describe('Kinds of proxies that it has.'),
        }),
        fetches: z
          .strictObject({ inFlight: count, limit: count })
          .optional()
          .describe('Pages that it fetches and may fetch at a time, as of a few seconds ago.'),
      }),
    )
    .max(100)
    .describe('Workers that were heard of in the last 15 minutes.'),
  receiversInTrouble: count.describe(
    'Receivers of callbacks that do not answer, or refuse calls to one of their URLs.',
  ),
  credits: z.strictObject({
    used: count,
    reserved: count.describe('Promised to URLs that have not ended.'),
    limit: count.optional().describe('Absent where the key has none, and for the whole installation.'),
  }),
});
export type Overview = z.output<typeof Overview>;
